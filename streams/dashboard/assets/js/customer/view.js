// One customer, whole: where it stands, why, what comes next, what was done and what to do.

import { h } from "../core/dom.js";
import { mark } from "../core/marks.js";
import { count, day, inDays, moment, segmentName, standingName, t } from "../core/words.js";
import { card, playbook } from "../feed/card.js";
import { curve } from "./curve.js";
import { history } from "./history.js";
import { months } from "./months.js";
import { potential, value } from "./terms.js";

/** The data of a customer; an error with words for a person where there is none. */
export async function fetchCustomer(id) {
  const answer = await fetch(`/data/customers/${encodeURIComponent(id)}`).catch(() => null);
  if (answer?.status === 404) throw new Error(t("customer.missing"));
  if (!answer?.ok) throw new Error(t("failed"));
  return answer.json();
}

/** `top` is the level of its heading: 1 on its own page, 2 beside another. */
export function customer(found, top) {
  return h("article", { class: "customer", dataset: { id: found.id } },
    heading(found, top), next(found),
    h("div", { class: "halves" }, todo(found, top + 1), facts(found, top + 1)),
    h("div", { class: "halves" }, value(found, top + 1), potential(found, top + 1)),
    panel(top + 1, "customer.curve", curve(found)),
    h("div", { class: "halves" }, panel(top + 1, "customer.months", months(found)), panel(top + 1, "customer.history", history(found))),
    signals(found, top + 1));
}

function panel(level, name, ...content) {
  return h("section", { class: "panel" }, h(`h${level}`, { class: "label" }, t(name)), content);
}

function heading({ id, name, state }, level) {
  return h("header", { class: "heading" },
    h("p", { class: "id" }, id),
    h(`h${level}`, { class: "title" }, name),
    h("p", { class: "stands" }, h("span", { class: `tag big ${state.segment}` }, mark(state.segment), segmentName(state.segment)),
      state.lifecycle === "active" ? null : h("span", { class: "chip" }, t(`lifecycle.${state.lifecycle}`)),
      h("span", { class: "soft" }, t("customer.since", { date: day(state.segment_since) })),
      h("span", { class: "soft" }, t("customer.as_of", { time: moment(state.as_of) }))));
}

const FALLS = { retain: ["nurture", "expand", "streamline", "former"], expand: ["streamline", "nurture", "former"], nurture: ["streamline", "expand", "former"], streamline: ["former"] };

function next({ state }) {
  const ahead = state.next_transition;
  if (state.lifecycle === "former") return h("p", { class: "next still" }, t("customer.former"));
  if (!ahead) return h("p", { class: "next still" }, t("customer.next_none"));
  const falls = FALLS[state.segment].includes(ahead.to);
  const text = t("customer.next", { date: day(ahead.at), days: inDays(ahead.at), to: standingName(ahead.to) });
  return h("p", { class: `next ${falls ? "falls" : "moves"}` }, h("b", {}, text), h("span", {}, t(`customer.because.${ahead.because || ""}`)));
}

function todo({ playbook: found }, level) {
  return panel(level, "customer.todo", found ? playbook(found, true) : h("p", { class: "soft" }, t("customer.todo_none")));
}

function facts({ account, state }, level) {
  const rows = [
    ["owner_sales", state.owners?.sales], ["owner_cs", state.owners?.cs], ["industry", account.industry], ["plan", account.plan],
    ["employees", account.employees && t("unit.people", { n: count(account.employees) })], ["contract_end", account.contract_end && day(account.contract_end)],
    ["departments", state.departments?.join(t("comma"))],
  ].filter(([, text]) => text);
  const people = (account.contacts || []).slice(0, 8).map((person) =>
    h("li", {}, h("b", {}, person.name || person.id), " ", h("span", { class: "soft" }, [person.department, person.title].filter(Boolean).join(" "))));
  return h("section", { class: "panel facts" }, h(`h${level}`, { class: "label" }, t("boards.columns.name")),
    h("dl", {}, rows.map(([name, text]) => [h("dt", {}, t(`customer.${name}`)), h("dd", {}, text)])),
    people.length ? h("details", {}, h("summary", {}, t("customer.contacts")), h("ul", { class: "people" }, people)) : null);
}

function signals({ signals: found, id }, level) {
  const stay = () => {};
  return panel(level, "customer.signals", found.length
    ? h("div", { class: "signals", dataset: { customer: id } }, found.map((signal) => h("div", { class: signal.historical ? "past" : "" }, card(signal, signal.outcome, stay, level + 1))))
    : h("p", { class: "soft" }, t("customer.signals_none")));
}
