// By what the customers are narrowed down; kept in the address, so that a view can be passed on.

import { fill, h } from "../core/dom.js";
import { SEGMENTS } from "../core/marks.js";
import { t } from "../core/words.js";

const FACETS = ["owner", "industry", "plan", "department"];

export class Filters {
  constructor(place, changed) {
    this.changed = changed;
    const asked = new URLSearchParams(location.search);
    this.wanted = Object.fromEntries(FACETS.map((facet) => [facet, asked.get(facet) || ""]));
    this.wanted.segments = new Set((asked.get("segment") || "").split(" ").map((name) => SEGMENTS.indexOf(name)).filter((n) => n >= 0));
    this.selects = {};
    const fields = FACETS.map((facet) => {
      const select = h("select", { id: `by-${facet}`, onchange: () => this.set(facet, select.value) });
      this.selects[facet] = select;
      return h("label", {}, h("span", { class: "unseen" }, t(`filter.${facet}`)), select);
    });
    this.clear = h("button", { type: "button", class: "quiet", onclick: () => this.reset() }, t("filter.clear"));
    this.shown = h("output", { class: "shown" });
    this.as = h("div", { class: "as", role: "group" });
    fill(place, h("details", { open: !matchMedia("(max-width: 760px)").matches }, h("summary", {}, t("filter.label")), h("div", { class: "fields" }, fields, this.clear)), this.shown, this.as);
    place.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Offers the words that there are. */
  offer(columns) {
    for (const facet of FACETS) {
      const chosen = this.wanted[facet];
      const words = columns.choices(facet);
      if (chosen && !words.includes(chosen)) words.unshift(chosen);
      const select = this.selects[facet];
      fill(select, h("option", { value: "" }, t("filter.all", { facet: t(`filter.${facet}`) })), words.map((word) => h("option", { value: word, selected: word === chosen }, word)));
      select.value = chosen;
      select.disabled = words.length === 0;
    }
    this.mark();
  }

  set(facet, word) {
    this.wanted[facet] = word;
    this.tell();
  }

  toggle(segment) {
    const { segments } = this.wanted;
    if (segments.has(segment)) segments.delete(segment);
    else segments.add(segment);
    this.tell();
  }

  reset() {
    for (const facet of FACETS) {
      this.wanted[facet] = "";
      this.selects[facet].value = "";
    }
    this.wanted.segments.clear();
    this.tell();
  }

  /** Whether anything but segments narrows the view. */
  get narrows() {
    return FACETS.some((facet) => this.wanted[facet]);
  }

  mark() {
    for (const facet of FACETS) this.selects[facet].classList.toggle("chosen", Boolean(this.wanted[facet]));
    this.clear.hidden = !this.narrows && !this.wanted.segments.size;
  }

  tell() {
    this.mark();
    const address = new URL(location.href);
    for (const facet of FACETS) setOrDelete(address, facet, this.wanted[facet]);
    setOrDelete(address, "segment", [...this.wanted.segments].map((n) => SEGMENTS[n]).join(" "));
    history.replaceState(null, "", address);
    this.changed();
  }
}

function setOrDelete(address, name, text) {
  if (text) address.searchParams.set(name, text);
  else address.searchParams.delete(name);
}
