// Where a customer has been: its changes of segment, newest first, with how long each stay was.

import { h } from "../core/dom.js";
import { mark } from "../core/marks.js";
import { day, segmentName, t } from "../core/words.js";

export function history({ state }) {
  const changes = state.segment_history.slice().reverse();
  const now = h("li", { class: "is" }, mark(state.segment), h("b", {}, segmentName(state.segment)), h("span", { class: "soft" }, `${t("customer.history_now")} · ${t("customer.since", { date: day(state.segment_since) })}`));
  if (!changes.length) return [h("ol", { class: "history" }, now), h("p", { class: "soft" }, t("customer.history_none"))];
  const past = changes.map((change) => h("li", {}, mark(change.from), h("span", {}, segmentName(change.from)),
    h("span", { class: "soft" }, `${t("customer.until", { date: day(change.at) })} · ${t(`cause_short.${change.cause}`)}`)));
  return h("ol", { class: "history" }, now, past);
}
