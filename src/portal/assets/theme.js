"use strict";

// As light or dark as the portal's pages, before anything is drawn.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    let wish = null;
    try {
      wish = localStorage.getItem("gatelodge.theme");
    } catch {
      // A browser that keeps nothing for us gets what the system says.
    }
    const isDark = wish === "dark" || (wish !== "light" && system.matches);
    document.documentElement.classList.toggle("dark-mode", isDark);
  };
  system.addEventListener("change", follow);
  addEventListener("storage", follow);
  follow();
})();
