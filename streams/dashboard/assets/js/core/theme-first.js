// Sets the chosen colours before anything is painted; it must not know what they are.
(function () {
  try {
    const chosen = localStorage.getItem("kakuhan-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // storage is closed to us: the system's colours stand
  }
})();
