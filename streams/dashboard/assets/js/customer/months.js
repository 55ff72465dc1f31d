// Purchases by calendar month: thirteen bars, and the same as a table.

import { h, s } from "../core/dom.js";
import { count, exactMoney, frame, money, month, t } from "../core/words.js";

const MONTHS = 13;
const WIDTH = 390;
const HEIGHT = 170;
const BASE = HEIGHT - 24;
const TOP = 18;

export function months({ state }) {
  const found = new Map(state.months.map((row) => [row.month, row]));
  if (!found.size) return h("p", { class: "soft" }, t("customer.months_none"));
  const names = lastMonths(state.as_of);
  const amounts = names.map((name) => Number(found.get(name)?.amount || 0));
  const most = Math.max(...amounts.map(Math.abs), 1);
  const lowest = Math.min(0, ...amounts);
  const span = BASE - TOP;
  const zero = BASE - (lowest < 0 ? (span * -lowest) / (most - lowest) : 0);
  const scale = (zero - TOP) / Math.max(...amounts, 1);
  const step = WIDTH / MONTHS;
  const best = amounts.indexOf(Math.max(...amounts));
  const bars = names.map((name, n) => {
    const height = Math.min(Math.abs(amounts[n]) * scale, amounts[n] < 0 ? BASE - zero : Infinity);
    return s("g", {},
      amounts[n] ? s("rect", { class: amounts[n] < 0 ? "back" : "bar", x: n * step + 4, width: step - 8, y: amounts[n] < 0 ? zero : zero - height, height: Math.max(height, 1.5), rx: 2 }) : null,
      n % 3 === 0 || n === MONTHS - 1 ? s("text", { x: n * step + step / 2, y: HEIGHT - 7, "text-anchor": "middle" }, month(name)) : null);
  });
  const top = amounts[best] > 0 ? s("text", { class: "figure", x: Math.min(Math.max(best * step + step / 2, 34), WIDTH - 34), y: zero - amounts[best] * scale - 5, "text-anchor": "middle" }, money(amounts[best])) : null;
  const label = names.filter((name) => found.has(name)).map((name) => `${name}: ${exactMoney(found.get(name).amount)}`).join(", ");
  return [s("svg", { class: "months", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, s("line", { x1: 0, x2: WIDTH, y1: zero, y2: zero }), bars, top), table(state.months)];
}

function table(rows) {
  return h("details", { class: "numbers" }, h("summary", {}, t("customer.table")),
    h("table", {}, h("thead", {}, h("tr", {}, ["month", "month_count", "month_amount"].map((name) => h("th", { scope: "col" }, t(`customer.${name}`))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.month), h("td", { class: "n" }, count(row.purchases)), h("td", { class: "n" }, exactMoney(row.amount)))))));
}

/** The calendar months up to that of the customer's clock, oldest first, as YYYY-MM. */
function lastMonths(asOf) {
  const [year, number] = new Intl.DateTimeFormat("sv-SE", { timeZone: frame.timezone, year: "numeric", month: "2-digit" }).format(Date.parse(asOf)).split("-").map(Number);
  return Array.from({ length: MONTHS }, (_, n) => {
    const at = year * 12 + number - 1 - (MONTHS - 1 - n);
    return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
  });
}


