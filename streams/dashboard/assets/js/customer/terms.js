// Both scores as terms that add up: one bar of stacked pieces and one line for each.

import { h, pieces, s } from "../core/dom.js";
import { count, day, exactMoney, exactPoints, frame, number, parts, points, shortDay, t, value as valueText } from "../core/words.js";

const SHADES = 6;
const WIDTH = 1000;

/** Colours in turn; those that come again are paler. */
const shadeOf = (n) => `shade s${n % SHADES}${n < SHADES ? "" : " again"}`;

/** The potential axis: every term with its age, and their sum. */
export function potential({ state, terms: made }, level) {
  const terms = [...made].sort((a, b) => b.points - a.points); // the bar in the order of the lines
  const { score, high } = state.potential;
  const { enter, leave, cap } = frame.potential;
  return h("section", { class: "panel axis of-potential" },
    h(`h${level}`, { class: "label" }, t("customer.potential"), side(high)),
    h("p", { class: "figure" }, h("b", {}, points(score)), h("span", { class: "soft" }, t("matrix.points")),
      h("span", { class: "soft rule" }, t("customer.from_enter", { enter: number(enter), leave: number(leave) }))),
    terms.length ? bar(terms.map((term) => term.points), score, Math.max(score, enter * 1.4, Math.min(cap, score * 1.1)), enter) : null,
    terms.length ? table(terms, score) : h("p", { class: "soft" }, t("customer.terms_none")));
}

function table(terms, score) {
  const rows = terms.map((term, n) => h("tr", {},
    h("th", { scope: "row" }, h("i", { class: shadeOf(n) }), term.rule === "limit" ? t("customer.limit") : term.label),
    h("td", { class: "soft" }, ageing(term)),
    h("td", { class: "n", dataset: { points: term.points } }, term.points > 0 ? `+${exactPoints(term.points)}` : exactPoints(term.points))));
  return h("table", { class: "terms" }, h("caption", {}, t("customer.terms")), h("tbody", {}, rows),
    h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, t("customer.total")), h("td", {}), h("td", { class: "n", dataset: { total: score } }, exactPoints(score)))));
}

function ageing(term) {
  if (term.rule === "limit") return "";
  const fades = term.half_life_days ? t("customer.half_life", { n: number(term.half_life_days) })
    : term.expires_days ? t("customer.expires", { n: number(term.expires_days) }) : t("customer.stays");
  const events = term.events > 1 ? t("customer.events", { n: count(term.events) }) : "";
  return pieces(fades, events, term.last ? t("customer.last", { date: shortDay(term.last) }) : "");
}

/** Pieces side by side up to the total; what is taken off is hatched at the end. Marks where the axis turns high. */
function bar(pieces, total, most, enter) {
  const scale = WIDTH / (most || 1);
  let at = 0;
  const drawn = pieces.map((piece, n) => {
    const width = Math.max(0, piece) * scale;
    const drawnPiece = s("rect", { x: at, y: 6, width: Math.max(0, width - 2), height: 18, rx: 2, class: shadeOf(n) });
    at += width;
    return drawnPiece;
  });
  const lost = at - total * scale;
  const taken = lost > 0.5 ? s("rect", { x: total * scale, y: 6, width: lost, height: 18, class: "taken" }) : null;
  const mark = s("g", { class: "enter" }, s("line", { x1: enter * scale, x2: enter * scale, y1: 0, y2: 30 }));
  return s("svg", { class: "stack", viewBox: `0 0 ${WIDTH} 30`, preserveAspectRatio: "none", "aria-hidden": "true" }, drawn, taken, enter ? mark : null);
}

/** The value axis, with what stands beside it. */
export function value({ state, value_terms: terms }, level) {
  const { value: axis, rfm, lifetime } = state;
  const { enter, leave } = frame.value;
  const isScore = axis.measure === "rfm";
  return h("section", { class: "panel axis of-value" },
    h(`h${level}`, { class: "label" }, t("customer.value"), side(axis.high)),
    h("p", { class: "figure" }, h("b", { title: isScore ? axis.amount : exactMoney(axis.amount) }, valueText(axis.amount)),
      h("span", { class: "soft" }, t(`customer.measure.${axis.measure}`)),
      h("span", { class: "soft rule" }, t("customer.from_enter", { enter: valueText(enter), leave: valueText(leave) }))),
    bar(terms.map((term) => term.amount), Number(axis.amount), Math.max(Number(axis.amount), enter * 1.4), enter),
    isScore || !terms.length ? null : moneyTable(axis, terms),
    h("table", { class: "terms rfm" }, h("caption", {}, `RFM ${rfm.code}`), h("tbody", {}, digits(terms, rfm, isScore)),
      isScore ? total(axis.amount, exactPoints(Number(axis.amount))) : null),
    lifetime.first_day ? h("p", { class: "soft" }, t("customer.lifetime", { first: day(lifetime.first_day), last: day(lifetime.last_day), repeat: count(lifetime.repeat_days) })) : null);
}

function digits(terms, rfm, isScore) {
  if (!isScore) return ["r", "f", "m"].map((key) => row(t(`customer.rfm.${key}`), rfmText(key, rfm), String(rfm[key]), null));
  return terms.map((term, n) => row(t(`customer.rfm.${term.key}`), rfmText(term.key, rfm), exactPoints(term.amount), n, term.amount));
}

/** What makes up an amount of money, in the order of the bar. */
function moneyTable(axis, terms) {
  const [caption, name] = axis.measure === "revenue" ? ["customer.by_month", monthName] : ["customer.by_contract", contractName];
  const rows = terms.map((term, n) => row(name(term), period(term), exactMoney(term.amount), n, term.amount));
  return h("table", { class: "terms" }, h("caption", {}, t(caption)), h("tbody", {}, rows), total(axis.amount, exactMoney(axis.amount)));
}

function total(amount, text) {
  return h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, t("customer.total")), h("td", {}), h("td", { class: "n", dataset: { total: amount } }, text)));
}

const monthName = (term) => (term.key === "earlier" ? t("customer.earlier") : term.key);

function contractName(term) {
  if (term.key === "purchases") return t("customer.contract_none");
  if (term.key === "others") return t("customer.contract_others", { n: count(term.contracts) });
  return term.contract || t("customer.contract_unnamed");
}

function period(term) {
  if (!term.from) return "";
  const whole = (text) => h("span", { class: "whole" }, text);
  return [parts("customer.contract_period", { from: whole(day(term.from)), until: whole(day(term.until)) }), term.ended ? h("div", {}, whole(t("customer.contract_ended"))) : null];
}

function row(name, text, figure, shade, amount) {
  return h("tr", {}, h("th", { scope: "row" }, shade === null ? null : h("i", { class: shadeOf(shade) }), name), h("td", { class: "soft" }, text),
    h("td", { class: "n", dataset: amount === undefined ? {} : { points: amount } }, figure));
}

function rfmText(key, rfm) {
  if (key === "r") return rfm.recency_days === null ? t("customer.rfm_is.r_none") : t("customer.rfm_is.r", { n: count(rfm.recency_days) });
  return key === "f" ? t("customer.rfm_is.f", { n: count(rfm.frequency) }) : exactMoney(rfm.monetary);
}

const side = (isHigh) => h("span", { class: `side ${isHigh ? "high" : "low"}` }, t(isHigh ? "customer.high" : "customer.low"));
