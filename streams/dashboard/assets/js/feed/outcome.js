// The buttons by which people report what became of a signal.

import { fill, h, say } from "../core/dom.js";
import { moment, t } from "../core/words.js";

export const OUTCOMES = ["acknowledged", "worked", "later", "no_interest", "wrong"];

/** A group of buttons for one signal; `chosen` is the outcome known already, if any. */
export function outcomeButtons(signal, chosen) {
  const group = h("div", { class: "outcome", role: "group", "aria-label": t("outcome.label") });
  group.dataset.signal = signal.signal_id;
  show(group, signal, chosen);
  return group;
}

/** Shows what is now known of a signal, wherever its buttons are. */
export function showOutcome(place, signal, outcome) {
  for (const group of place.querySelectorAll(`.outcome[data-signal="${CSS.escape(outcome.signal_id)}"]`)) show(group, signal, outcome);
}

function show(group, signal, chosen) {
  const buttons = OUTCOMES.map((name) =>
    h("button", { type: "button", class: name, "aria-pressed": String(chosen?.outcome === name), onclick: () => send(group, signal, name) }, t(`outcome.${name}`)));
  const by = chosen ? [moment(chosen.at), chosen.author].filter(Boolean).join(" · ") : "";
  fill(group, buttons, h("span", { class: "by" }, by));
}

async function send(group, signal, outcome) {
  const buttons = [...group.querySelectorAll("button")];
  const by = group.querySelector(".by");
  buttons.forEach((button) => (button.disabled = true));
  by.textContent = t("outcome.sending");
  try {
    const answer = await fetch("/data/outcomes", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ customer_id: signal.customer_id, signal_id: signal.signal_id, outcome }),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(answer.status === 504 ? t("outcome.unknown") : t("outcome.failed", { error: said.error || answer.status }));
    show(group, signal, said);
    say(t("outcome.sent", { outcome: t(`outcome.${outcome}`) }));
  } catch (error) {
    buttons.forEach((button) => (button.disabled = false));
    by.textContent = error instanceof TypeError ? t("outcome.failed", { error: error.message }) : error.message; // no line: a TypeError
    say(by.textContent);
  }
}
