/* Sets the theme before the first paint: the person's choice, else this browser's last one, else the device's. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => root.dataset.theme || localStorage.getItem("theme") || "system";
  const paint = () => {
    const theme = chosen();
    root.dataset.bsTheme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    document.dispatchEvent(new Event("theme"));
  };
  if (root.dataset.theme) localStorage.setItem("theme", root.dataset.theme);
  paint();
  dark.addEventListener("change", paint);
  /* Paper is white: charts are drawn again in the light theme, and back afterwards. */
  addEventListener("beforeprint", () => {
    root.dataset.bsTheme = "light";
    root.dataset.printing = "1";
    document.dispatchEvent(new Event("theme"));
  });
  addEventListener("afterprint", () => {
    delete root.dataset.printing;
    paint();
  });
})();
