// The four segments above and below their quarters, named and counted with revenue; pressing one shows it alone.

import { fill, h } from "../core/dom.js";
import { mark, SEGMENTS } from "../core/marks.js";
import { count, exactMoney, money, segmentName, t } from "../core/words.js";

export class Corners {
  constructor(high, low, toggle) {
    this.buttons = SEGMENTS.map((segment, n) => {
      const numbers = h("span", { class: "numbers" });
      const button = h("button", { type: "button", class: `corner ${segment}`, title: t(`segment_hint.${segment}`), "aria-pressed": "false", onclick: () => toggle(n) },
        h("span", { class: "name" }, mark(segment), segmentName(segment)), numbers);
      return { button, numbers };
    });
    const [retain, nurture, expand, streamline] = this.buttons.map(({ button }) => button);
    fill(high, nurture, retain);
    fill(low, streamline, h("div", { class: "zoom", id: "zoom" }), expand);
    this.sums = SEGMENTS.map(() => ({ customers: 0, revenue: 0 }));
  }

  /** `sums`: customers and revenue (`isExact`, or added up from columns) of each segment, as filtered; `of`: customers in all where that is more. */
  show(sums, of) {
    this.buttons.forEach(({ button, numbers }, n) => {
      const { customers, revenue, isExact } = sums[n];
      const total = of ? of[n] : customers;
      const text = total === customers ? t("customers", { n: count(customers) }) : t("of", { n: count(customers), of: count(total) });
      fill(numbers, h("b", {}, text), h("span", { title: isExact ? exactMoney(revenue) : null }, money(revenue)));
      button.setAttribute("aria-label", `${segmentName(SEGMENTS[n])}: ${text}, ${money(revenue)}. ${t("matrix.only", { segment: segmentName(SEGMENTS[n]) })}`);
    });
  }

  press(chosen) {
    this.buttons.forEach(({ button }, n) => button.setAttribute("aria-pressed", String(chosen.has(n))));
  }
}
