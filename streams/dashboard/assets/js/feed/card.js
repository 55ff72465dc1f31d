// One signal as a card: sentence, reason, what to do, what became of it.

import { h, isElsewhere, link } from "../core/dom.js";
import { mark, severityMark } from "../core/marks.js";
import { ageElement, audienceName, count, moment, t } from "../core/words.js";
import { outcomeButtons } from "./outcome.js";
import { moved, reason, sentence } from "./sentence.js";

/** @param {(id: string) => void} open opens the customer */
export function card(signal, outcome, open, level = 3) {
  const name = h("a", { href: `/customers/${encodeURIComponent(signal.customer_id)}`, class: "who", onclick: (event) => {
    if (isElsewhere(event)) return;
    event.preventDefault();
    open(signal.customer_id);
  } }, signal.name);
  const kind = signal.type.split(".")[0];
  return h("article", { class: `signal ${kind} ${signal.severity}`, tabindex: "-1" },
    h("header", {}, severityMark(signal.severity, t("severity_word", { s: t(`severity.${signal.severity}`) })),
      h("span", { class: "kind" }, t(`type.${signal.type}`)),
      h("span", { class: "to" }, signal.audiences.map((audience) => h("span", { class: "chip" }, audienceName(audience)))),
      ageElement(h("time", { datetime: signal.effective_at, title: moment(signal.effective_at) }), signal.effective_at)),
    h(`h${level}`, { class: "says" }, signal.change && signal.type === "segment.changed" ? mark(signal.change.to) : null, sentence(signal, name)),
    h("p", { class: "why" }, reason(signal), source(signal), evidence(signal)),
    playbook(signal.playbook),
    h("footer", {}, signal.suppressed ? h("span", { class: "held" }, t("feed.suppressed", { n: count(signal.suppressed) })) : null,
      outcomeButtons(signal, outcome)));
}

/** Where the causing release can be read. */
function source(signal) {
  const row = (signal.evidence || []).find((found) => found.url);
  return row ? [" ", link(row.url, { class: "source" }, t("feed.source"))] : null;
}

function evidence(signal) {
  const row = (signal.evidence || []).find((found) => found.matched_by);
  const text = [moved(signal), row ? t(`matched_by.${row.matched_by}`) : ""].filter(Boolean).join(" · ");
  return text ? h("span", { class: "moved" }, text) : null;
}

/** What to do, folded away under its title. */
export function playbook(found, isOpen = false) {
  if (!found) return null;
  return h("details", { class: "playbook", open: isOpen },
    h("summary", { title: t("feed.show") }, found.title),
    h("p", { class: "talk" }, found.talk_track),
    h("ol", {}, found.actions.map((action) => h("li", {}, action))));
}
