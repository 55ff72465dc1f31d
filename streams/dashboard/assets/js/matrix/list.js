// The same customers as a table: for those who read rather than look, and for screen readers.

import { h, refill } from "../core/dom.js";
import { mark, SEGMENTS } from "../core/marks.js";
import { namesKnown } from "../core/search.js";
import { count, points, segmentName, t, value } from "../core/words.js";

const ROWS = 200;
let by = "potential"; // or "value"

/** Shows the rows with most of what they are sorted by; `open(row)` opens a customer. */
export function list(place, plot, open) {
  const { columns, shown } = plot;
  const rows = [];
  for (let row = 0; row < columns.count; row += 1) if (shown[row]) rows.push(row);
  const [first, then] = by === "value" ? [columns.value, columns.potential] : [columns.potential, columns.value];
  rows.sort((a, b) => first[b] - first[a] || then[b] - then[a]);
  const again = (name) => {
    by = name;
    list(place, plot, open);
    place.querySelector(`[data-by="${name}"]`).focus();
  };
  const caption = t("matrix.first", { by: t(`matrix.${by}`), n: count(Math.min(rows.length, ROWS)), of: count(rows.length) });
  refill(place, rows.length
    ? h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, headings(again))),
      h("tbody", {}, rows.slice(0, ROWS).map((row) => line(columns, row, open))))
    : h("p", { class: "wait" }, t("matrix.nobody")));
}

function headings(sort) {
  const plain = (name) => h("th", { scope: "col" }, t(name));
  const sorts = (name) => h("th", { scope: "col", class: "n", "aria-sort": by === name ? "descending" : "none" },
    h("button", { type: "button", class: "sort", dataset: { by: name }, onclick: () => sort(name) }, t(`matrix.${name}`), by === name ? " ▼" : ""));
  return [plain("boards.columns.name"), sorts("value"), sorts("potential"), plain("feed.segment"), plain("boards.columns.owner")];
}

function line(columns, row, open) {
  const segment = SEGMENTS[columns.segment[row]];
  return h("tr", {},
    h("th", { scope: "row" }, h("button", { type: "button", class: "name", onclick: () => open(row) }, namesKnown()?.names[row] ?? "…")),
    h("td", { class: "n" }, value(columns.value[row])),
    h("td", { class: "n" }, points(columns.potential[row]), h("span", { class: "soft" }, ` ${t("matrix.points")}`)),
    h("td", {}, h("span", { class: "tag" }, mark(segment), segmentName(segment))),
    h("td", {}, columns.words.owner.list[columns.owner[row]] || columns.words.cs.list[columns.cs[row]] || "—"));
}
