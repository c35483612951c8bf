// Runs before anything is drawn, so that a dark page never flashes white.
(() => {
  let wish = null;
  try {
    wish = localStorage.getItem("gatelodge.theme");
  } catch {
    // A browser that keeps nothing for us gets what the system says.
  }
  const dark =
    wish === "dark" || (wish !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
