// Signals as they happen, newest first, narrowed down by audience, segment and severity.

import { fill, h, say } from "../core/dom.js";
import { SEGMENTS } from "../core/marks.js";
import { audienceName, frame, segmentName, t } from "../core/words.js";
import { card } from "./card.js";
import { showOutcome } from "./outcome.js";
import { plainSentence } from "./sentence.js";

const SHOWN = 300;
const DRAWN_FIRST = 40;
const LOOKED_BACK = 20; // answers looked through at most for some that fit, before the button is to be pressed again
const FILTERS = {
  audience: [() => frame.audiences, audienceName, (signal, word) => signal.audiences.includes(word)],
  segment: [() => SEGMENTS, segmentName, (signal, word) => signal.segment === word],
  severity: [() => ["high", "medium", "low"], (word) => t(`severity.${word}`), (signal, word) => signal.severity === word],
  state: [() => ["open", "done"], (word) => t(`feed.is.${word}`), (signal, word, outcome) => (word === "done") === Boolean(outcome)],
};

/** Of two reports about a signal the one that was made later; of the same moment the first. */
const later = (one, other) => (!one || (other && other.at > one.at) ? other : one);

export class Feed {
  /** `open(id)` opens a customer; `belongs(id)`: whether a customer is among those looked at. */
  constructor(place, { open, belongs }) {
    this.open = open;
    this.belongs = belongs;
    this.items = [];
    this.ids = new Set();
    this.outcomes = new Map();
    this.newest = "";
    this.wanted = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, ""]));
    this.list = h("div", { class: "signals", role: "feed", "aria-busy": "true", "aria-label": t("feed.title") });
    this.more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.older() }, t("feed.older"));
    fill(place, h("header", { class: "bar" }, h("h2", {}, t("feed.title")), h("div", { class: "by" }, Object.keys(FILTERS).map((name) => this.filter(name)))),
      h("div", { class: "scroll", tabindex: "-1" }, this.list, this.more));
  }

  filter(name) {
    const [words, label] = FILTERS[name];
    const select = h("select", { "aria-label": t(`feed.${name}`), onchange: () => {
      this.wanted[name] = select.value;
      select.classList.toggle("chosen", Boolean(select.value));
      this.draw();
    } }, h("option", { value: "" }, t(`feed.${name}`)), words().map((word) => h("option", { value: word }, label(word))));
    return select;
  }

  fits({ signal }) {
    const outcome = this.outcomeOf(signal);
    const fits = Object.entries(this.wanted).every(([name, word]) => !word || FILTERS[name][2](signal, word, outcome));
    return fits && this.belongs(signal.customer_id);
  }

  outcomeOf(signal) {
    return later(this.outcomes.get(signal.signal_id), signal.outcome);
  }

  /** Holds these instead, oldest first. */
  restart(items) {
    this.items = items.slice().reverse();
    this.ids = new Set(items.map(({ id }) => id));
    this.newest = items.at(-1)?.id || this.newest || "0-0";
    this.draw();
  }

  /** Takes new ones, oldest first. */
  add(items) {
    for (const item of items) {
      if (this.ids.has(item.id)) continue;
      this.ids.add(item.id);
      this.items.unshift(item);
      this.newest = item.id;
      if (this.fits(item)) this.show(item);
    }
    for (const gone of this.items.splice(SHOWN + 400)) this.ids.delete(gone.id);
  }

  /** A signal says something else now: the customer's name or department was not known when it came. */
  renew({ id, signal }) {
    const item = this.items.find((held) => held.id === id);
    if (!item) return;
    item.signal = signal;
    const drawn = this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (!drawn) return;
    const fresh = this.card(item);
    const folds = drawn.querySelectorAll("details");
    fresh.querySelectorAll("details").forEach((fold, n) => (fold.open = Boolean(folds[n]?.open)));
    drawn.replaceWith(fresh);
  }

  show(item) {
    this.list.querySelector(".empty")?.remove();
    const drawn = this.card(item);
    drawn.classList.add("new");
    this.list.prepend(drawn);
    while (this.list.children.length > SHOWN) this.list.lastChild.remove();
    say(t("feed.new", { text: plainSentence(item.signal) }));
  }

  card({ id, signal }) {
    const drawn = card(signal, this.outcomeOf(signal), this.open);
    drawn.dataset.id = id;
    drawn.dataset.signal = signal.signal_id;
    return drawn;
  }

  draw() {
    const fitting = this.items.filter((item) => this.fits(item));
    fill(this.list, fitting.length ? fitting.slice(0, DRAWN_FIRST).map((item) => this.card(item)) : h("p", { class: "empty" }, t("feed.empty")));
    this.list.setAttribute("aria-busy", "false");
    this.more.hidden = this.items.length === 0;
    this.more.disabled = false;
    this.more.textContent = t("feed.older");
  }

  /** More of what is held; then what lies further back, until something fits. */
  async older() {
    this.more.disabled = true;
    let left = "some";
    for (let tries = 0; left === "some" && tries < LOOKED_BACK && !this.undrawn().length; tries += 1) left = await this.fetchOlder();
    const more = this.undrawn();
    if (more.length) this.list.querySelector(".empty")?.remove();
    this.list.append(...more.map((item) => this.card(item)));
    const isEnd = !more.length && left === "none";
    this.more.disabled = isEnd;
    this.more.textContent = isEnd ? t("feed.no_older") : !more.length && left === "failed" ? `${t("failed")} ${t("retry")}` : t("feed.older");
  }

  /** The next that fit below what is drawn. */
  undrawn() {
    const drawn = new Set(Array.from(this.list.children, (one) => one.dataset.id));
    const last = this.items.findLastIndex(({ id }) => drawn.has(id));
    return this.items.slice(last + 1).filter((item) => this.fits(item)).slice(0, DRAWN_FIRST);
  }

  /** Takes what lies further back than all that is held; whether there was "some", "none", or it "failed". */
  async fetchOlder() {
    const last = this.items.at(-1)?.id;
    if (!last) return "none";
    const answer = await fetch(`/data/signals?before=${encodeURIComponent(last)}`).catch(() => null);
    if (!answer?.ok) return "failed";
    const { items } = await answer.json();
    for (const item of items) {
      if (!this.ids.has(item.id)) {
        this.ids.add(item.id);
        this.items.push(item);
      }
    }
    return items.length ? "some" : "none";
  }

  /** Somebody reported what became of a signal. */
  outcome(outcome) {
    const item = this.items.find(({ signal }) => signal.signal_id === outcome.signal_id);
    const known = item ? this.outcomeOf(item.signal) : this.outcomes.get(outcome.signal_id);
    if (later(known, outcome) === known) return;
    this.outcomes.set(outcome.signal_id, outcome);
    if (item) showOutcome(document, item.signal, outcome);
  }
}
