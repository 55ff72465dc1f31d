// Puts a signal into words: one sentence, and why.

import { exactMoney, exactPoints, parts, points, segmentName, t, value, frame } from "../core/words.js";

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

/** How the axes moved; empty where neither did. */
export function moved({ value: v, potential: p }) {
  const told = [];
  if (v.before !== v.after) told.push(t("moved_v", apart(value, exactValue, v)));
  if (p.before !== p.after) told.push(t("moved_p", apart(points, exactPoints, p)));
  return told.join(t("and"));
}

/** Both ends as short as still tells them apart. */
function apart(short, exact, { before, after }) {
  const write = short(before) === short(after) ? exact : short;
  return { from: write(before), to: write(after) };
}

const exactValue = (n) => (frame.measure === "rfm" ? n : exactMoney(n));
