// A customer beside the page one is on: fetched when opened, fetched again when it changes.

import { fill, h } from "../core/dom.js";
import { t } from "../core/words.js";
import { customer, fetchCustomer } from "./view.js";

export class Drawer {
  /** `watch(id)` is told whose changes to hear of; null for nobody's. */
  constructor(place, watch) {
    this.watch = watch;
    this.id = null;
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
    let content;
    try {
      content = customer(await fetchCustomer(id), 2);
    } catch (error) {
      content = h("p", { class: "wait" }, error.message);
    }
    if (id !== this.id) return;
    const kept = this.body.scrollTop;
    fill(this.body, content);
    this.body.scrollTop = kept;
  }

  closed() {
    this.id = null;
    this.watch(null);
  }
}
