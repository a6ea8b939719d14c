/* The KPI page: dialogs behind links, keys of the date popover, searching in option lists. */
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const range = () => find("details[data-range][open]");

  /* A link that fills a dialog through htmx opens it; without scripts it is a page of its own. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-dialog-link]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      link.closest("details")?.removeAttribute("open");
      find(`#${link.dataset.dialogLink}`)?.showModal();
    }
    const cancel = event.target.closest("[data-close-link]");
    if (cancel?.closest("dialog")) { event.preventDefault(); cancel.closest("dialog").close(); }
    if (event.target.closest("[data-menu-close]")) event.target.closest("details").open = false;
    if (event.target.closest("[data-print]")) event.target.closest("details").open = false;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    document.querySelectorAll("dialog [data-dialog-title]").forEach((part) => {
      find("h2", part.closest("dialog")).textContent = part.dataset.dialogTitle;
    });
    if (event.detail.ctx?.target?.id === "results") document.querySelectorAll("dialog#filter[open]").forEach((open) => open.close());
  });

  /* Searching in a list of options hides what does not match. */
  document.addEventListener("input", (event) => {
    const list = event.target.dataset?.narrow && document.getElementById(event.target.dataset.narrow);
    if (!list) return;
    const words = event.target.value.trim().toLowerCase();
    list.querySelectorAll("label").forEach((label) => {
      label.hidden = !label.textContent.toLowerCase().includes(words) && !find("input", label).checked;
    });
  });

  /* T E W D M Q Y C choose a range while its popover is open, X switches the comparison. */
  document.addEventListener("keydown", (event) => {
    const open = range();
    if (!open || event.ctrlKey || event.metaKey || event.altKey || !document.body.dataset.keys) return;
    if (event.target.matches("input[type=text], input[type=search], textarea, select")) return;
    const key = event.key.toUpperCase();
    const preset = key.length === 1 && find(`[data-key="${CSS.escape(key)}"]`, open);
    if (preset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (preset.matches("a")) { open.open = false; preset.click(); } else find("#range-from").focus();
    }
    if (key === "X") {
      event.preventDefault();
      event.stopImmediatePropagation();
      const ways = [...open.querySelectorAll("input[name=cmp]")];
      ways[(ways.findIndex((way) => way.checked) + 1) % ways.length].checked = true;
    }
  }, true);

})();
