// The choice of light, dark or the system's colours; it must not know what is painted.

import { byId } from "./dom.js";
import { t } from "./words.js";

const CHOICES = ["auto", "light", "dark"];
const listeners = new Set();

function chosen() {
  return document.documentElement.dataset.theme || "auto";
}

function choose(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("kakuhan-theme", theme);
  } catch {
    // it then holds for this page only
  }
  tell();
}

function tell() {
  for (const listener of listeners) listener();
}

export const onTheme = (listener) => listeners.add(listener);

export function themeButton() {
  const button = byId("theme");
  const show = () => {
    button.textContent = `◐ ${t(`theme.${chosen()}`)}`;
    button.dataset.chosen = chosen();
  };
  button.addEventListener("click", () => {
    choose(CHOICES[(CHOICES.indexOf(chosen()) + 1) % CHOICES.length]);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  addEventListener("beforeprint", tell);
  addEventListener("afterprint", tell);
  show();
}
