/* Behaviour of the shell and the parts. Everything works without it; listeners sit on the document,
   so what htmx swaps in needs no setting up. */
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, act, options) => document.addEventListener(type, act, options);
const say = (words) => { const live = $("#live"); if (live) live.textContent = words; };
const words = () => document.body.dataset;
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
const visible = (element) => element.getClientRects().length > 0;

/* Theme: at once on the page, then remembered. */
on("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const root = document.documentElement;
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.theme = root.dataset.bsTheme = theme;
  localStorage.setItem("theme", theme);
  document.dispatchEvent(new Event("theme"));
  fetch(form.action, { method: "POST", headers: { ...csrf(), "X-Theme": "1" }, body: new URLSearchParams({ theme }) });
});

/* Toasts: 6 s, 10 s with Undo, errors stay; hover and focus pause; at most three. */
function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "1";
  if (toast.dataset.toast === "error") return;
  const life = $("[data-undo]:not([hidden])", toast) ? 10000 : 6000;
  let timer;
  const start = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), life); };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("mouseenter", stop);
  toast.addEventListener("mouseleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  start();
}
function toast({ text, level = "success", undo = "" }) {
  const copy = $("#toast-template")?.content.cloneNode(true).firstElementChild;
  if (!copy) return;
  copy.dataset.toast = level;
  copy.classList.toggle("bad", level === "error");
  $("[data-text]", copy).textContent = text;
  const form = $("[data-undo]", copy);
  form.hidden = !undo;
  form.action = undo;
  $("[name=csrfmiddlewaretoken]", form).value = csrf()["X-CSRFToken"];
  const host = $("#toasts");
  host.append(copy);
  while (host.children.length > 3) host.firstElementChild.remove();
  arm(copy);
}
on("toast", (event) => toast(event.detail.value ? { text: event.detail.value } : event.detail));
on("htmx:response:error", (event) => {
  const response = event.detail.ctx.response;
  if (response.status < 500) return;
  const reference = response.headers.get("X-Request-Id");
  toast({ text: reference ? `${words().error} ${words().reference} ${reference}` : words().error, level: "error" });
});
on("htmx:error", (event) => { if (!event.detail.ctx.response) toast({ text: words().offline, level: "error" }); });
/* A session that ended answers with the sign-in page: go there instead of swapping it in. */
on("htmx:before:response", (event) => {
  const raw = event.detail.ctx.response.raw;
  if (!raw.redirected || !new URL(raw.url).pathname.startsWith(words().login)) return;
  event.preventDefault();
  location.href = `${words().login}?next=${encodeURIComponent(location.pathname + location.search)}`;
});
on("htmx:after:swap", () => {
  const told = $("#content [data-announce]");
  if (told) say(told.dataset.announce);
  syncSelection();
  $$(".toast-x").forEach(arm);
});

/* Menus: <details>; Esc and a click elsewhere close them, arrows move. */
const openMenus = () => $$("details.menu[open]");
on("toggle", (event) => {
  if (event.target.matches?.("details.menu") && event.target.open) {
    openMenus().filter((menu) => !menu.contains(event.target) && menu !== event.target).forEach((menu) => { menu.open = false; });
  }
}, true);
on("click", (event) => openMenus().filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; }));
function menuKeys(event) {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input, select, textarea")) return;
  const items = [$("summary", menu), ...$$(".panel a, .panel button", menu).filter(visible)];
  const next = items[items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) { event.preventDefault(); next.focus(); }
}

/* Dialogs and the drawer of narrow screens. */
function drawer(open) {
  const side = $("#side");
  side.classList.toggle("open", open);
  $(".scrim")?.remove();
  $(".main").inert = open;
  if (open) {
    const scrim = Object.assign(document.createElement("div"), { className: "scrim" });
    scrim.addEventListener("click", () => drawer(false));
    document.body.append(scrim);
    $("a, summary", side).focus();
  } else {
    $("[data-drawer]")?.focus();
  }
}
on("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  if (event.target.matches("dialog")) return event.target.close();
  if (at("[data-close]")) return at("dialog").close();
  if (at("[data-dialog]")) { event.preventDefault(); return $(`#${at("[data-dialog]").dataset.dialog}`)?.showModal(); }
  if (at("[data-dismiss]")) return at(".toast-x").remove();
  if (at("[data-peek-close]")) return closePeek();
  if (at("[data-drawer]")) { event.preventDefault(); return drawer(true); }
  if (at("[data-drawer-close]")) { event.preventDefault(); return drawer(false); }
  if (at("[data-copy]")) {
    return navigator.clipboard.writeText(new URL(at("[data-copy]").dataset.copy || location.href, location.href))
      .then(() => toast({ text: words().copied }));
  }
  if (at("[data-fill]")) {
    const from = at("[data-fill]").dataset;
    $("[name=login]").value = from.email;
    $("[name=password]").value = from.password;
    $("[name=password]").form.requestSubmit();
  }
});

/* Peek: focus moves in, Esc closes and gives it back, J and K step through the rows. */
const PEEK = '[data-peek], [hx-target="#peek"]';
let peekedFrom = null;
function closePeek() {
  const peek = $(".peek.open");
  if (!peek) return;
  peek.classList.remove("open");
  peek.replaceChildren();
  peekedFrom?.focus();
}
on("click", (event) => {
  const link = event.target.closest(PEEK);
  if (!link) return;
  peekedFrom = link;
  makeCurrent(link.closest("tr"));
});
on("htmx:after:swap", (event) => {
  const peek = $(".peek.open");
  if (peek && event.target.closest(`${PEEK}, .peek`) && !peek.contains(document.activeElement)) peek.focus();
});

/* Command palette: a combobox over what the server ranks. */
const palette = $("#palette");
const options = () => $$("[role=option]:not([aria-disabled])", palette);
function choose(option) {
  options().forEach((each) => each.setAttribute("aria-selected", each === option));
  const input = $("#palette-input");
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}
const chosen = () => $("[aria-selected=true]", palette);
function openPalette() {
  if (!palette) return;
  if (!palette.open) palette.showModal();
  $("#palette-input").select();
  $("#palette-input").dispatchEvent(new Event("palette:open"));
}
function paletteKeys(event) {
  if (!palette?.open) return false;
  if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return false;
  const all = options();
  if (event.key === "Enter") {
    const target = chosen() ?? all[0];
    if (!target) return false;
    event.preventDefault();
    location.href = target.dataset.href;
    return true;
  }
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  return true;
}
on("click", (event) => {
  if (event.target.closest("[data-palette]") && palette) { event.preventDefault(); openPalette(); }
  const option = event.target.closest("#palette [data-href]");
  if (option) location.href = option.dataset.href;
});
palette?.addEventListener("htmx:after:swap", () => choose(options()[0]));

/* Rows: ticks with ranges, the bulk bar, one current row for the keyboard. */
let lastTick = null;
const ticks = (form) => $$(`input[name=ids][form="${form}"], #${form} input[name=ids]`);
function syncSelection() {
  for (const bar of $$("[data-bulk]")) {
    const boxes = ticks(bar.dataset.bulk);
    const count = boxes.filter((box) => box.checked).length;
    bar.hidden = !count;
    $("[data-count]", bar).textContent = count;
    boxes.forEach((box) => box.closest("tr")?.classList.toggle("sel", box.checked));
    for (const head of $$(`[data-all="${bar.dataset.bulk}"]`)) {
      head.checked = count > 0 && count === boxes.length;
      head.indeterminate = count > 0 && count < boxes.length;
    }
  }
}
on("click", (event) => {
  const box = event.target;
  if (box.matches?.("input[name=ids]")) {
    const boxes = $$("input[name=ids]");
    if (event.shiftKey && lastTick && boxes.includes(lastTick)) {
      const [from, to] = [boxes.indexOf(lastTick), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    }
    lastTick = box;
    syncSelection();
  } else if (box.matches?.("[data-all]")) {
    ticks(box.dataset.all).forEach((each) => { each.checked = box.checked; });
    syncSelection();
  } else if (box.closest?.("[data-bulk-clear]")) {
    ticks(box.closest("[data-bulk]").dataset.bulk).forEach((each) => { each.checked = false; });
    syncSelection();
  }
});
const rows = () => $$("table[data-list] tbody tr").filter(visible);
const currentRow = () => $("table[data-list] tr[aria-current]");
function makeCurrent(row) {
  if (!row?.closest("table[data-list]")) return;
  currentRow()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}
function moveRow(step) {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(currentRow()) + step))];
  if (!next) return;
  makeCurrent(next);
  const link = $(PEEK, next);
  if ($(".peek.open") && link) link.click(); else (link ?? $(".rowlink, a", next))?.focus();
  next.scrollIntoView({ block: "nearest" });
}
function tickRow(range) {
  const box = currentRow() && $("input[name=ids]", currentRow());
  box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: range }));
}

/* Keys. Single ones can be switched off and never act in fields. */
let going = 0;
const rowKeys = {
  j: () => moveRow(1), k: () => moveRow(-1), x: () => tickRow(false), X: () => tickRow(true),
  " ": () => currentRow() && $(PEEK, currentRow())?.click(),
  e: () => currentRow() && $(".edit, [data-edit]", currentRow())?.click(),
};
function singleKey(event) {
  if (Date.now() - going < 1200) {
    going = 0;
    const link = $(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); location.href = link.href; }
    return;
  }
  if (event.key === "g") { going = Date.now(); return; }
  if (event.key === "?") return $("#keys")?.showModal();
  if (event.key === "/") {
    const search = $("[data-search]") ?? $("#content input[type=search]");
    event.preventDefault();
    return search ? search.focus() : openPalette();
  }
  const act = rows().length && rowKeys[event.key];
  if (act && !(event.key === " " && event.target.matches("button, summary, a[role=button]"))) { event.preventDefault(); act(); }
}
function chordKey(event) {
  const key = event.key.toLowerCase();
  if (key === "k") { event.preventDefault(); openPalette(); }
  if (key === "s") {
    const form = event.target.closest?.("form[data-guard]") ?? $("form[data-guard]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
  }
  const undo = key === "z" && !event.target.matches("input, textarea, [contenteditable]") && $$("[data-undo]:not([hidden])").at(-1);
  if (undo) { event.preventDefault(); undo.requestSubmit(); }
}
function escape() {
  const menu = openMenus().at(-1);
  if (menu) { menu.open = false; $("summary", menu).focus(); } else if ($("#side.open")) drawer(false);
  else if (!$("dialog[open]")) closePeek();
}
on("keydown", (event) => {
  if (paletteKeys(event)) return;
  menuKeys(event);
  if (event.key === "Escape") return escape();
  if (event.key === "Enter" && event.target.matches?.(PEEK)) { event.preventDefault(); location.href = event.target.href; return; }
  if ((event.ctrlKey || event.metaKey) && !event.altKey) return chordKey(event);
  const typing = event.target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  if (!typing && !event.altKey && words().keys && !$("dialog[open]")) singleKey(event);
});

/* A changed form warns before the page is left; saving or undoing the change lifts it. */
const changed = () => $$("form[data-guard]").some((form) => form.dataset.changed);
on("input", (event) => { const form = event.target.closest("form[data-guard]"); if (form) form.dataset.changed = "1"; });
on("submit", (event) => { delete event.target.dataset.changed; });
on("reset", (event) => { delete event.target.dataset.changed; });
addEventListener("beforeunload", (event) => { if (changed()) event.preventDefault(); });

/* A form that applies at once: <select data-submit>, radio or date inside a GET form. */
on("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

on("DOMContentLoaded", () => { $$(".toast-x").forEach(arm); syncSelection(); });
$$(".toast-x").forEach(arm);
syncSelection();
