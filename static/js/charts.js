/* Draws every [data-plot] from the JSON beside it. The library is loaded when the first chart appears. */
(() => {
  const library = document.currentScript.dataset.plotly;
  const config = { displayModeBar: false, responsive: true };
  const PAPER = 660;
  const narrow = () => innerWidth < 600;
  const drawn = new Set();
  let loading = null;

  const load = () => {
    loading ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: library, onload: resolve, onerror: reject });
      document.head.append(script);
    });
    return loading;
  };

  /* "var(--ec-c1)" → the theme's value; everything else stays as the server wrote it. */
  const resolved = (value, style) => {
    if (typeof value === "string") {
      const name = /^var\((--ec-[\w-]+)\)$/.exec(value)?.[1];
      return name ? style.getPropertyValue(name).trim() : value;
    }
    if (Array.isArray(value)) return value.map((each) => resolved(each, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, style)]));
    }
    return value;
  };

  /* Paper: as wide as A4. Narrow screens: every second tick, numbered events; the list below names them. */
  const fitted = (layout, plot) => {
    if (document.documentElement.dataset.printing) layout.width = Math.min(plot.clientWidth, PAPER);
    if (!narrow()) return layout;
    const axis = layout.xaxis;
    if (axis?.tickvals?.length > 4) {
      axis.tickvals = axis.tickvals.filter((_, place) => place % 2 === 0);
      axis.ticktext = axis.ticktext?.filter((_, place) => place % 2 === 0);
    }
    layout.annotations?.forEach((note, place) => { note.text = String(place + 1); });
    return layout;
  };

  const follow = (event) => {
    const href = event.points.map((point) => point.customdata).find(Boolean);
    if (href) location.href = href;
  };

  const draw = (plot) => {
    const source = document.getElementById(plot.dataset.plot);
    if (!source) return;
    const figure = resolved(JSON.parse(source.textContent), getComputedStyle(document.documentElement));
    window.Plotly.react(plot, figure.data, fitted(figure.layout, plot), config);
    plot.classList.toggle("linked", figure.data.some((trace) => trace.customdata?.some(Boolean)));
    if (!plot.dataset.drawn) plot.on("plotly_click", follow);
    plot.dataset.drawn = "1";
    drawn.add(plot);
  };

  /* What a swap took off the page is released; htmx tells of its own elements only. */
  const release = () => [...drawn].filter((plot) => !plot.isConnected).forEach((plot) => {
    window.Plotly.purge(plot);
    drawn.delete(plot);
  });

  const drawAll = async () => {
    release();
    const plots = [...document.querySelectorAll("[data-plot]")];
    if (!plots.length) return;
    await load();
    plots.filter((plot) => plot.isConnected).forEach(draw);
  };

  const save = (name, type, content) => {
    const link = Object.assign(document.createElement("a"), { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  /* A cell that a spreadsheet would run as a formula gets an apostrophe. */
  const cell = (text) => {
    const safe = /^[=+@\t]|^-\D/.test(text) ? `'${text}` : text;
    return /[",\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const csvOf = (table) => [...table.rows].map((row) => [...row.cells].map((each) => cell(each.textContent.trim())).join(",")).join("\r\n");

  /* The table of a chart with many points is fetched when it is first wanted. */
  const filled = async (twin) => {
    if (twin.querySelector("table")) return twin;
    const answer = await fetch(twin.dataset.source, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) location.href = twin.dataset.source;
    else twin.innerHTML = await answer.text();
    return twin;
  };

  const download = async (figure, kind) => {
    const name = figure.dataset.file || "chart";
    if (kind === "csv") {
      const twin = await filled(figure.querySelector(".twin"));
      return save(`${name}.csv`, "text/csv;charset=utf-8", `\ufeff${csvOf(twin.querySelector("table"))}`);
    }
    const plot = figure.querySelector("[data-plot]");
    const size = { format: kind, filename: name, width: Math.max(800, plot.clientWidth), height: Math.max(400, plot.clientHeight) };
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--ec-surface").trim();
    const layout = { ...plot.layout, paper_bgcolor: paper, width: size.width, height: size.height };
    return window.Plotly.downloadImage({ data: plot.data, layout, config }, size);
  };

  document.addEventListener("click", (event) => {
    const twin = event.target.closest("[data-twin]");
    if (twin && !(twin.href && (event.ctrlKey || event.metaKey || event.shiftKey))) {
      event.preventDefault();
      const table = document.getElementById(twin.dataset.twin);
      if (table.hidden) filled(table);
      table.hidden = !table.hidden;
      twin.setAttribute("aria-expanded", String(!table.hidden));
    }
    const button = event.target.closest("[data-download]");
    if (button) {
      download(button.closest("[data-chart]"), button.dataset.download);
      button.closest("details")?.removeAttribute("open");
    }
  });
  document.addEventListener("htmx:after:swap", drawAll);
  document.addEventListener("theme", drawAll);
  addEventListener("afterprint", () => drawn.forEach((plot) => window.Plotly.Plots.resize(plot)));
  drawAll();
})();
