// The four boards: what may be lost, what is about to grow, who has gone quiet, what was done.

import { byId, fill, h, isElsewhere, pieces, refill } from "./core/dom.js";
import { mark } from "./core/marks.js";
import { customerPath, hearHealth, hearLine, shell } from "./core/shell.js";
import { connect } from "./core/socket.js";
import { count, day, exactMoney, inDays, moment, money, points, segmentName, standingName, t } from "./core/words.js";
import { Drawer } from "./customer/drawer.js";

const FETCH_EVERY_MS = 4000;
const DAY_MS = 86400000;

const drawer = new Drawer(document.body, (id) => live.show(id));
let owner = new URLSearchParams(location.search).get("owner") || "";
let due = 0;
let fetchedAt = -Infinity;

async function show() {
  due = 0;
  fetchedAt = performance.now();
  const asked = owner;
  const answer = await fetch(asked ? `/data/boards?owner=${encodeURIComponent(asked)}` : "/data/boards").catch(() => null);
  if (asked !== owner) return; // somebody else's are on their way
  const content = byId("content");
  if (!answer?.ok) {
    fill(content, h("p", { class: "wait" }, t("failed")), h("p", {}, h("button", { type: "button", onclick: show }, t("retry"))));
    return;
  }
  const found = await answer.json();
  const kept = [...content.querySelectorAll(".rows")].map((rows) => rows.scrollTop);
  refill(content, h("h1", { class: "unseen" }, t("nav.boards")), chooser(found.people), h("div", { class: "boards" },
    board("at_risk", found.at_risk, riskRow, sums(found.at_risk.sums)),
    board("golden_eggs", found.golden_eggs, eggRow),
    board("gone_quiet", found.gone_quiet, quietRow),
    board("acted_upon", found.acted_upon, actedRow, counts(found.acted_upon.counts))));
  [...content.querySelectorAll(".rows")].forEach((rows, n) => (rows.scrollTop = kept[n] || 0));
  content.setAttribute("aria-busy", "false");
  document.body.dataset.ready = "yes";
}

/** Whose customers the boards are about; kept in the address, so that a view can be passed on. */
function chooser(people) {
  const names = owner && !people.includes(owner) ? [owner, ...people] : people;
  const select = h("select", { id: "whose", class: owner ? "chosen" : "", onchange: () => {
    owner = select.value;
    history.replaceState(null, "", owner ? `?owner=${encodeURIComponent(owner)}` : location.pathname);
    void show();
  } }, h("option", { value: "" }, t("filter.all", { facet: t("filter.owner") })), names.map((name) => h("option", { value: name, selected: name === owner }, name)));
  return names.length ? h("p", { class: "whose" }, h("label", {}, h("span", { class: "unseen" }, t("filter.owner")), select)) : null;
}

/** Fetches soon, but never more often than boards are made. */
function showSoon() {
  due ||= setTimeout(show, Math.max(0, fetchedAt + FETCH_EVERY_MS - performance.now()));
}

function board(name, found, row, above = null) {
  return h("section", { class: `card ${name}`, "aria-labelledby": `board-${name}` },
    h("header", {}, h("h2", { id: `board-${name}` }, t(`boards.${name}.title`)), h("span", { class: "soft" }, t("boards.total", { n: count(found.total) })), h("p", { class: "soft" }, t(`boards.${name}.hint`))),
    above,
    found.rows.length ? h("ol", { class: "rows", tabindex: "0" }, found.rows.map((item) => line(item, ...row(item)))) : h("p", { class: "empty" }, t(`boards.${name}.none`)));
}

function line(item, figure, detail) {
  const name = h("a", { class: "who", href: customerPath(item.id), onclick: (event) => {
    if (isElsewhere(event)) return;
    event.preventDefault();
    void drawer.open(item.id, customerPath(item.id));
  } }, item.name);
  return h("li", {}, mark(item.segment, true), h("div", { class: "what" }, name, h("span", { class: "soft" }, detail)), h("div", { class: "figure" }, figure));
}

function riskRow(item) {
  return [h("b", { title: exactMoney(item.revenue) }, money(item.revenue)),
    pieces(t("boards.at_risk.falls", { date: day(item.next.at_ms), days: inDays(item.next.at_ms), to: standingName(item.next.to) }), item.owner)];
}

function eggRow(item) {
  return [h("b", {}, t("boards.golden_eggs.rise", { n: points(item.rise) })), pieces(`${t("matrix.potential")} ${points(item.potential)} ${t("matrix.points")}`, money(item.revenue), item.owner)];
}

function quietRow(item) {
  return [h("b", { title: exactMoney(item.revenue) }, money(item.revenue)), pieces(t("boards.gone_quiet.since", { date: day(item.heard_ms), n: count(Math.floor((Date.now() - item.heard_ms) / DAY_MS)) }), segmentName(item.segment), item.owner)];
}

function actedRow(item) {
  const since = item.revenue_since === null ? t("boards.acted_upon.revenue_unknown") : t("boards.acted_upon.revenue", { n: money(item.revenue_since) });
  return [h("b", { class: `chip ${item.outcome}` }, t(`outcome.${item.outcome}`)), pieces(since, item.at_ms ? moment(item.at_ms) : "", item.author, item.owner)];
}

function sums(found) {
  return h("ul", { class: "sums" }, found.map(({ days, customers, revenue }) =>
    h("li", {}, h("span", { class: "soft" }, t("boards.at_risk.within", { n: days })), h("b", { title: exactMoney(revenue) }, money(revenue)), h("span", { class: "soft" }, t("boards.at_risk.customers", { n: count(customers) })))));
}

function counts(found) {
  const names = Object.keys(found);
  return names.length ? h("ul", { class: "sums" }, names.map((name) => h("li", {}, h("span", { class: "soft" }, t(`outcome.${name}`)), h("b", {}, count(found[name]))))) : null;
}

const HEAR = { health: hearHealth, boards: showSoon, customer: ({ id }) => drawer.refresh(id) };

shell({ pick: (id) => void drawer.open(id, customerPath(id)) });
const live = connect({ topics: "boards", hear: (message) => HEAR[message.t]?.(message), line: hearLine });
void show();
