// How the potential falls if nothing more happens, as the domain computed it, with the next transition marked.

import { h, s } from "../core/dom.js";
import { day, exactPoints, frame, inMonth, number, points, shortDay, standingName, t } from "../core/words.js";

// As many units as pixels, so that letters keep their size: a phone gets a narrower picture, not a smaller one.
const isNarrow = matchMedia("(max-width: 760px)").matches;
const WIDTH = isNarrow ? 340 : 760;
const HEIGHT = isNarrow ? 210 : 230;
const EDGE = { left: 38, right: 16, top: 16, bottom: 26 };
const TABLE_ROWS = 12;
const LONG_MS = 300 * 86400000; // from there on a day without its year may be read as one of another

export function curve({ curve: ahead, state }) {
  const drawn = ahead.points;
  const [[from, first], [to, last]] = [drawn[0], drawn.at(-1)];
  const { enter, leave } = frame.potential;
  const top = Math.max(enter * 1.25, Math.max(...drawn.map(([, score]) => score)) * 1.12, 1);
  const x = (at) => EDGE.left + ((at - from) / (to - from)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (score) => HEIGHT - EDGE.bottom - (score / top) * (HEIGHT - EDGE.top - EDGE.bottom);
  const path = drawn.map(([at, score], n) => `${n ? "L" : "M"}${x(at).toFixed(1)} ${y(score).toFixed(1)}`).join("");
  const label = t("customer.curve_describe", { from: day(from), p0: points(first), to: day(to), p1: points(last) });
  const picture = s("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    s("path", { class: "under", d: `${path}L${x(to).toFixed(1)} ${y(0)}L${x(from).toFixed(1)} ${y(0)}Z` }),
    level(enter, "enter", y), leave === enter ? null : level(leave, "leave", y),
    ticks(from, to, x), s("path", { class: "line", d: path }),
    s("circle", { class: "now", cx: x(from), cy: y(first), r: 4 }), s("text", { class: "figure", x: x(from) + 8, y: y(first) - 8 }, points(first)),
    mark(state.next_transition, drawn, from, to, x, y));
  return [picture, ahead.exact ? null : h("p", { class: "soft note" }, t("customer.curve_bound")), table(drawn)];
}

function level(score, name, y) {
  return s("g", { class: `level ${name}` }, s("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(score), y2: y(score) }),
    s("text", { x: EDGE.left - 6, y: y(score) + 4, "text-anchor": "end" }, number(score)));
}

function ticks(from, to, x) {
  const step = (to - from) / 4;
  return s("g", { class: "ticks" }, s("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: HEIGHT - EDGE.bottom, y2: HEIGHT - EDGE.bottom }),
    (isNarrow ? [0, 2, 4] : [0, 1, 2, 3, 4]).map((n) => s("text", { x: x(from + step * n), y: HEIGHT - 8, "text-anchor": n === 0 ? "start" : n === 4 ? "end" : "middle" }, (step * 4 > LONG_MS ? inMonth : shortDay)(from + step * n))));
}

/** The next transition, where it lies within the picture. */
function mark(next, drawn, from, to, x, y) {
  if (!next) return null;
  const at = Date.parse(next.at);
  if (at < from || at > to) return null;
  const score = drawn.findLast(([when]) => when <= at)[1];
  const late = x(at) > WIDTH * 0.6;
  const text = `${(to - from > LONG_MS ? day : shortDay)(at)} → ${standingName(next.to)}`;
  return s("g", { class: "next" }, s("line", { x1: x(at), x2: x(at), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }), s("circle", { cx: x(at), cy: y(score), r: 5 }),
    s("text", { x: x(at) + (late ? -8 : 8), y: EDGE.top + 10, "text-anchor": late ? "end" : "start" }, text));
}

function table(drawn) {
  const every = Math.ceil(drawn.length / TABLE_ROWS);
  const rows = drawn.filter((_, n) => n % every === 0 || n === drawn.length - 1);
  return h("details", { class: "numbers" }, h("summary", {}, t("customer.table")),
    h("table", {}, h("tbody", {}, rows.map(([at, score]) => h("tr", {}, h("th", { scope: "row" }, day(at)), h("td", { class: "n" }, exactPoints(score)))))));
}
