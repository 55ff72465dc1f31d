// Puts a signal into words: one sentence, and why.

import { exactMoney, parts, points, segmentName, t, value, frame } from "../core/words.js";

/** The sentence as texts and the element that stands for the customer's name. */
export function sentence(signal, name) {
  const { change } = signal;
  const values = { name, label: signal.label || signal.rule };
  if (signal.type === "segment.changed") {
    return parts("sentence.segment.changed", { name, from: segmentName(change.from), to: segmentName(change.to) });
  }
  if (signal.type === "lifecycle.changed") {
    const key = change.to === "former" ? "former" : change.from === "former" ? "returned" : change.to;
    return parts(`sentence.lifecycle.${key}`, values);
  }
  return parts(`sentence.${signal.type}`, values);
}

export const plainSentence = (signal) => sentence(signal, signal.name).join("");

/** Why: the event or what time did, in a few words. */
export function reason(signal) {
  const rows = signal.evidence || [];
  const told = rows.find((row) => row.title) || rows[0];
  const topic = signal.cause.topic ? t(`topic.${signal.cause.topic}`) : "";
  // A rule's own label stands in the sentence already: what is news is where it was seen.
  const label = signal.label === told?.label ? topic : told?.label || topic;
  const quoted = told?.title ? t("quoted", { title: told.title }) : "";
  const more = signal.label && rows.length > 1 ? t("more", { n: rows.length - 1 }) : "";
  return t(`cause.${signal.cause.kind}`, { what: [label, quoted, more].filter(Boolean).join(" ") });
}

/** How both axes moved; empty where neither did. */
export function moved(signal) {
  const { value: v, potential: p } = signal;
  if (v.before !== v.after) {
    return t("moved", { v0: value(v.before), v1: value(v.after), p0: points(p.before), p1: points(p.after) });
  }
  return p.before === p.after ? "" : t("moved_p", { p0: points(p.before), p1: points(p.after) });
}

export const exactValue = (n) => (frame.measure === "rfm" ? n : exactMoney(n));
