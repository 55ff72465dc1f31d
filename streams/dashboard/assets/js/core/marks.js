// How the four segments look: a colour and a shape each, so that nobody has to tell them by colour alone.

import { s } from "./dom.js";
import { segmentName } from "./words.js";

export const SEGMENTS = ["retain", "nurture", "expand", "streamline"];
const SHAPES = {
  retain: () => s("circle", { cx: 8, cy: 8, r: 5.4 }),
  nurture: () => s("path", { d: "M8 1.9 14.2 13H1.8z" }),
  expand: () => s("rect", { x: 3, y: 3, width: 10, height: 10 }),
  streamline: () => s("circle", { cx: 8, cy: 8, r: 4.4, class: "hollow" }),
};

export function mark(segment, named = false) {
  const label = named ? { role: "img", "aria-label": segmentName(segment) } : { "aria-hidden": "true" };
  return s("svg", { class: `mark ${segment}`, viewBox: "0 0 16 16", ...label }, SHAPES[segment]?.());
}

/** Severity as one to three bars. */
export function severityMark(severity, label) {
  const bars = { low: 1, medium: 2, high: 3 }[severity] || 1;
  const drawn = [0, 1, 2].map((n) =>
    s("rect", { x: 2 + n * 5, y: 10 - n * 3.4, width: 3.2, height: 4 + n * 3.4, rx: 0.8, class: n < bars ? "on" : "off" }),
  );
  return s("svg", { class: `bars ${severity}`, viewBox: "0 0 16 16", role: "img", "aria-label": label }, drawn);
}

/** The segments' colours as the style sheet has them, for what is drawn on canvas. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    segments: SEGMENTS.map((segment) => of(`--${segment}`)),
    washes: SEGMENTS.map((segment) => of(`--${segment}-wash`)),
    ink: of("--ink"),
    soft: of("--ink-3"),
    line: of("--line"),
    card: of("--card"),
    glow: of("--glow"),
  };
}
