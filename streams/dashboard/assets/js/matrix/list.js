// The same customers as a table: for those who read rather than look, and for screen readers.

import { fill, h } from "../core/dom.js";
import { mark, SEGMENTS } from "../core/marks.js";
import { namesKnown } from "../core/search.js";
import { exactMoney, points, segmentName, t, value } from "../core/words.js";

const ROWS = 200;

/** Shows the first rows: most potential first in what is to be nurtured, else most value. */
export function list(place, plot, open) {
  const { columns, shown } = plot;
  const known = namesKnown();
  const rows = [];
  for (let row = 0; row < columns.count; row += 1) if (shown[row]) rows.push(row);
  rows.sort((a, b) => columns.potential[b] - columns.potential[a] || columns.value[b] - columns.value[a]);
  const head = ["boards.columns.name", "matrix.value", "matrix.potential", "feed.segment", "boards.columns.owner"];
  const body = rows.slice(0, ROWS).map((row) => {
    const segment = SEGMENTS[columns.segment[row]];
    return h("tr", {},
      h("th", { scope: "row" }, h("button", { type: "button", class: "name", onclick: () => open(row) }, known ? known.names[row] : String(row))),
      h("td", { class: "n", title: exactMoney(columns.value[row]) }, value(columns.value[row])),
      h("td", { class: "n" }, points(columns.potential[row])),
      h("td", {}, h("span", { class: "tag" }, mark(segment), segmentName(segment))),
      h("td", {}, columns.words.owner.list[columns.owner[row]] || columns.words.cs.list[columns.cs[row]] || "—"));
  });
  fill(place, rows.length
    ? h("table", {}, h("caption", {}, rows.length > ROWS ? t("matrix.first", { n: ROWS }) : t("matrix.shown", { n: rows.length })),
      h("thead", {}, h("tr", {}, head.map((name, n) => h("th", { scope: "col", class: n === 1 || n === 2 ? "n" : "" }, t(name))))), h("tbody", {}, body))
    : h("p", { class: "wait" }, t("matrix.nobody")));
}

