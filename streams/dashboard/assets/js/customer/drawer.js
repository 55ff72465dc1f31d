// A customer beside the page one is on: fetched when opened, fetched again when it changes.

import { fill, h, refill } from "../core/dom.js";
import { t } from "../core/words.js";
import { customer, fetchCustomer } from "./view.js";

export class Drawer {
  /** `watch(id)` is told whose changes to hear of; null for nobody's. */
  constructor(place, watch) {
    this.watch = watch;
    this.id = null;
    this.asked = 0;
    this.shown = ""; // the data of what stands there
    this.body = h("div", { class: "inside" });
    this.page = h("a", { class: "quiet", href: "/" }, t("open_page"));
    this.dialog = h("dialog", { class: "drawer", "aria-label": t("boards.columns.name") },
      h("header", {}, this.page, h("button", { type: "button", class: "round", "aria-label": t("close"), title: t("close"), onclick: () => this.dialog.close() }, "×")),
      this.body);
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    place.append(this.dialog);
  }

  async open(id, path) {
    const isOther = id !== this.id;
    this.id = id;
    this.page.href = path;
    if (isOther) {
      this.shown = "";
      fill(this.body, h("p", { class: "wait" }, t("loading")));
      this.watch(id);
    }
    if (!this.dialog.open) this.dialog.showModal();
    await this.show(id);
    if (isOther) this.body.scrollTop = 0;
  }

  refresh(id) {
    if (id === this.id && this.dialog.open) void this.show(id);
  }

  async show(id) {
    const mine = ++this.asked;
    let content;
    let shown = "";
    try {
      const found = await fetchCustomer(id);
      shown = JSON.stringify(found);
      content = customer(found, 2);
    } catch (error) {
      content = h("p", { class: "wait" }, error.message);
    }
    if (id !== this.id || mine !== this.asked || (shown && shown === this.shown)) return;
    this.shown = shown;
    const kept = this.body.scrollTop;
    refill(this.body, content);
    this.body.scrollTop = kept;
  }

  closed() {
    this.id = null;
    this.watch(null);
  }
}
