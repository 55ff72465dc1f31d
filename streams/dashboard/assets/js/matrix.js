// The first page: the matrix of all customers, the feed beside it, and a customer in a drawer.

import { byId, fill, h, say } from "./core/dom.js";
import { colours, SEGMENTS, mark } from "./core/marks.js";
import { learn, names, namesKnown, rowOf } from "./core/search.js";
import { customerPath, hearHealth, hearLine, shell } from "./core/shell.js";
import { connect } from "./core/socket.js";
import { onTheme } from "./core/theme.js";
import { count, frame, points, segmentName, t, value } from "./core/words.js";
import { Drawer } from "./customer/drawer.js";
import { Feed } from "./feed/feed.js";
import { Choose } from "./matrix/choose.js";
import { Columns } from "./matrix/columns.js";
import { Corners } from "./matrix/corners.js";
import { Filters } from "./matrix/filters.js";
import { Keeper } from "./matrix/keeper.js";
import { list } from "./matrix/list.js";
import { Overlay } from "./matrix/overlay.js";
import { Plot } from "./matrix/plot.js";
import { views } from "./matrix/views.js";

const REPAINT_MS = 250; // the still picture is repainted that often at most

const columns = new Columns();
const keeper = new Keeper(columns, { whole, moved, learn });
const plot = new Plot(byId("base"), columns);
const overlay = new Overlay(byId("overlay"), plot, () => repaint());
const corners = new Corners(byId("corners-high"), byId("corners-low"), (segment) => filters.toggle(segment));
const filters = new Filters(byId("filters"), () => {
  refilter();
  if (!filters.narrows) feed.draw();
});
const feed = new Feed(byId("feed"), { open, belongs: (id) => !filters.narrows || belonging[rowOf(id)] === 1 });
const drawer = new Drawer(document.body, (id) => live.show(id));
const choose = new Choose(byId("overlay"), plot, { point, choose: chosen, open: (row) => open(idOf(row)), redraw: () => paint() });

let look = colours();
let segmentsInAll = null;
let epoch = "";
let belonging = new Uint8Array(0); // rows that fit all filters, whatever their segment
let repaintDue = 0;
let asList = false;
let offered = 0; // words that the filters offer

// ---------------------------------------------------------------- painting

function paint() {
  overlay.look = look;
  if (plot.resize()) overlay.resize();
  plot.draw(look);
  overlay.ask();
}

function repaint() {
  repaintDue ||= setTimeout(() => {
    repaintDue = 0;
    refilter();
  }, REPAINT_MS);
}

/** Applies the filters to all rows, counts, and paints. */
function refilter() {
  if (!plot.scales) return;
  const { segments } = filters.wanted;
  const sums = SEGMENTS.map(() => ({ customers: 0, revenue: 0 }));
  const whole = filters.narrows ? null : segmentsInAll;
  const before = belonging;
  belonging = new Uint8Array(columns.count);
  columns.fitting(filters.wanted, belonging);
  let shown = 0;
  for (let row = 0; row < columns.count; row += 1) {
    const segment = columns.segment[row];
    plot.shown[row] = belonging[row] && (!segments.size || segments.has(segment)) ? 1 : 0;
    shown += plot.shown[row];
    if (!belonging[row]) continue;
    sums[segment].customers += 1;
    sums[segment].revenue += columns.revenue[row];
  }
  if (filters.narrows && !same(before, belonging)) feed.draw();
  corners.show(whole || sums, filters.narrows && segmentsInAll ? segmentsInAll.map((sum) => sum.customers) : null);
  corners.press(filters.wanted.segments);
  filters.shown.textContent = shown ? t("matrix.shown", { n: count(shown) }) : t("matrix.nobody");
  paint();
  if (asList) showList();
}

const same = (some, others) => some.length === others.length && some.every((fits, row) => fits === others[row]);

// ---------------------------------------------------------------- pointing

function idOf(row) {
  return namesKnown()?.ids[row];
}

function point(row, x, y) {
  overlay.point(row);
  const tip = byId("tip");
  byId("overlay").classList.toggle("over", row >= 0);
  tip.hidden = row < 0;
  if (row < 0) return;
  const known = namesKnown();
  const segment = SEGMENTS[columns.segment[row]];
  fill(tip, h("b", {}, known ? known.names[row] : "…"), h("span", { class: "tag" }, mark(segment), segmentName(segment)),
    h("span", {}, `${t("matrix.value")} ${value(columns.value[row])}`), h("span", {}, `${t("matrix.potential")} ${points(columns.potential[row])}`));
  const right = x > plot.width * 0.62;
  tip.style.left = `${right ? x - tip.offsetWidth - 14 : x + 14}px`;
  tip.style.top = `${Math.min(Math.max(4, y - 20), plot.height - tip.offsetHeight - 4)}px`;
}

function chosen(row) {
  overlay.choose(row);
  if (row < 0) return;
  const known = namesKnown();
  say(t("matrix.selected", {
    name: known ? known.names[row] : "", segment: segmentName(SEGMENTS[columns.segment[row]]),
    value: value(columns.value[row]), potential: points(columns.potential[row]),
  }));
}

function open(id) {
  if (!id) return;
  const row = rowOf(id);
  if (row >= 0 && plot.shown[row]) choose.show(row);
  drawer.open(id, customerPath(id));
}

// ---------------------------------------------------------------- data

/** All rows were fetched; those of another epoch are other customers. */
function whole() {
  if (columns.epoch !== epoch) {
    epoch = columns.epoch;
    overlay.forget();
    choose.chosen = -1;
  }
  plot.layOut();
  offer();
  refilter();
  document.body.dataset.ready = "yes";
  void names(columns.epoch).then(() => filters.narrows && feed.draw()).catch(() => {});
}

function offer() {
  offered = columns.wordCount;
  filters.offer(columns);
}

function moved(rows) {
  if (columns.wordCount !== offered) offer();
  for (const { row, isNew, value: oldValue, potential: oldPotential } of rows) {
    const before = isNew ? null : [plot.u[row], plot.v[row]];
    plot.place(row);
    if (before && (oldValue !== columns.value[row] || oldPotential !== columns.potential[row])) overlay.move(row, ...before);
  }
  repaint();
}

function hearSignals(items) {
  for (const { signal } of items) {
    const row = rowOf(signal.customer_id);
    if (row >= 0) overlay.glow(row, signal.severity);
  }
}

const HEAR = {
  health(message) {
    segmentsInAll = SEGMENTS.map((segment) => ({
      customers: message.segments[segment].customers, revenue: Number(message.segments[segment].revenue), isExact: true,
    }));
    hearHealth(message);
    if (plot.scales && !filters.narrows) corners.show(segmentsInAll, null);
  },
  moves: (message) => keeper.hear(message),
  reload: () => keeper.reload(),
  signals_anew: ({ items }) => feed.restart(items),
  signals({ items }) {
    feed.add(items);
    hearSignals(items);
  },
  signal(message) {
    feed.add([message]);
    hearSignals([message]);
  },
  signal_again: (message) => feed.renew(message),
  outcome: (message) => feed.outcome(message.outcome),
  customer: ({ id }) => drawer.refresh(id),
  beat() {},
};

// ---------------------------------------------------------------- the page

function showList() {
  const listing = byId("listing");
  if (listing.matches(":active")) repaint(); // what is being pressed must not be put away under the finger
  else list(listing, plot, (row) => open(idOf(row)));
}

shell({ pick: (id) => open(id) });
views(filters.as, choose, (asTable) => {
  asList = asTable;
  if (asTable) names().then(showList).catch(() => {});
  else paint();
});
const live = connect({
  topics: "matrix signals",
  seen: () => ({ ...(columns.epoch ? { epoch: columns.epoch, seq: String(columns.seq) } : {}), ...(feed.newest ? { signal: feed.newest } : {}) }),
  hear: (message) => HEAR[message.t]?.(message),
  line: hearLine,
});
onTheme(() => {
  look = colours();
  paint();
});
new ResizeObserver(() => plot.scales && paint()).observe(byId("field"));
void keeper.fetch();
document.title = `${t("matrix.title")} · ${t("brand")}`;
// For tests and for those who look under the bonnet: what the page holds, to be read only.
globalThis.kakuhan = { columns, plot, overlay, feed, frame, names: namesKnown };
