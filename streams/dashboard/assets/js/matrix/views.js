// Buttons beside the field: zoom, and the choice between map and table.

import { byId, fill, h } from "../core/dom.js";
import { t } from "../core/words.js";

/** `choose` zooms; `show(asTable)` is told what is wanted. */
export function views(place, choose, show) {
  const round = (name, text, act) => h("button", { type: "button", class: "round", "aria-label": t(name), title: t(name), onclick: act }, text);
  fill(byId("zoom"), round("matrix.zoom_in", "+", () => choose.step(1.6)), round("matrix.zoom_out", "−", () => choose.step(1 / 1.6)),
    round("matrix.zoom_reset", "⤢", () => choose.reset()));
  const buttons = ["map", "list"].map((name, asTable) =>
    h("button", { type: "button", "aria-pressed": String(!asTable), onclick: () => press(asTable) }, t(`matrix.${name}`)));
  fill(place, buttons);

  function press(asTable) {
    buttons.forEach((button, n) => button.setAttribute("aria-pressed", String(n === asTable)));
    byId("plane").hidden = Boolean(asTable);
    byId("listing").hidden = !asTable;
    show(Boolean(asTable));
  }
}
