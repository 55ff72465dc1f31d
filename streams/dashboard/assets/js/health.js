// Whether the data is fresh, in figures.

import { byId, fill, h } from "./core/dom.js";
import { mark, SEGMENTS } from "./core/marks.js";
import { hearHealth, hearLine, onHealth, shell } from "./core/shell.js";
import { connect } from "./core/socket.js";
import { ageElement, count, exactMoney, moment, money, segmentName, t } from "./core/words.js";

function show(health, level) {
  if (!health) return;
  const state = level === "policy" ? "ok" : level;
  fill(byId("content"),
    h("h1", {}, t("health.title")),
    h("p", { class: `verdict ${state === "ok" ? "ok" : "bad"}`, dataset: { level: state } }, h("span", { class: "dot" }), t(`health.level.${state}`)),
    h("div", { class: "tiles" },
      tile("newest", health.newest_event ? ageElement(h("time", { datetime: health.newest_event, title: moment(health.newest_event) }), health.newest_event) : t("health.unknown"), t("health.newest_hint")),
      tile("lag", health.lag === null ? t("health.unknown") : count(health.lag), t("health.lag_hint")),
      tile("dead", health.dead_letters === null ? "—" : count(health.dead_letters), t(health.dead_letters === null ? "health.dead_unknown" : "health.dead_hint")),
      tile("seen", health.seen_at ? ageElement(h("time", { datetime: health.seen_at }), health.seen_at) : t("health.unknown"), t("health.seen_hint")),
      tile("policy", health.policy_version || t("health.unknown"), t("health.policy_hint"))),
    h("div", { class: "pair" }, lags(health), segments(health)));
  byId("content").setAttribute("aria-busy", "false");
  document.body.dataset.ready = "yes";
}

function tile(name, figure, hint) {
  return h("section", { class: `card tile ${name}` }, h("h2", {}, t(`health.${name}`)), h("p", { class: "figure" }, figure), h("p", { class: "soft" }, hint));
}

function lags({ topics, partitions }) {
  const named = Object.entries(topics).map(([name, lag]) => [`${t(`topic.${name}`)} (${name})`, lag]);
  const rows = [...named, ...Object.entries(partitions).map(([n, lag]) => [t("health.partition", { n }), lag])];
  return h("section", { class: "card" }, h("h2", {}, t("health.topics")),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("health.topic")), h("th", { scope: "col", class: "n" }, t("health.records")))),
      h("tbody", {}, rows.length ? rows.map(([name, lag]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: `n${lag ? " some" : ""}` }, count(lag)))) : h("tr", {}, h("td", { colspan: "2", class: "soft" }, t("health.unknown"))))));
}

function segments({ segments: found }) {
  const rows = [...SEGMENTS, "former"].map((name) => h("tr", {},
    h("th", { scope: "row" }, name === "former" ? t("lifecycle.former") : h("span", { class: "tag" }, mark(name), segmentName(name))),
    h("td", { class: "n" }, count(found[name].customers)), h("td", { class: "n", title: exactMoney(found[name].revenue) }, money(found[name].revenue))));
  return h("section", { class: "card" }, h("h2", {}, t("health.segments")), h("table", {}, h("tbody", {}, rows)));
}

shell();
onHealth(show);
connect({ topics: "", hear: (message) => message.t === "health" && hearHealth(message), line: hearLine });
