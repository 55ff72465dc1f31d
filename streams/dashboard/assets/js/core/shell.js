// What every page has around it: language, colours, search, and whether the data is fresh.

import { byId } from "./dom.js";
import { search } from "./search.js";
import { themeButton } from "./theme.js";
import { count, frame, language, moment, t } from "./words.js";

const GRAVE = new Set(["offline", "away", "stopped"]);

let health = null;
let connected = true;
let heardAt = Date.now();
const watchers = new Set();

/** Calls `pick(id)` when a customer is chosen by name; without it their page is opened. */
export function shell({ pick } = {}) {
  languageButton();
  themeButton();
  search(byId("search"), pick || ((id) => location.assign(customerPath(id))));
  show();
}

export const customerPath = (id) => `/customers/${encodeURIComponent(id)}`;
export const onHealth = (watcher) => watchers.add(watcher);

/** Takes a health message of the server. */
export function hearHealth(message) {
  health = message;
  heardAt = Date.now();
  show();
}

/** Whether the page's line to the server stands. */
export function hearLine(isUp) {
  if (isUp) heardAt = Date.now();
  if (connected === isUp) return;
  connected = isUp;
  show();
}

/** What the page must say about its data: a level, and the text of the banner where there is one. */
function verdict() {
  if (!connected) return ["offline", t("banner.offline", { time: moment(heardAt) })];
  if (!health) return ["ok", ""];
  const level = health.level;
  if (level === "away") return [level, t("banner.away", { time: moment(health.seen_at || heardAt) })];
  if (level === "loading") {
    const [done, of] = health.loading || [0, 0];
    return [level, t("banner.loading", { done: count(done), of: count(of) })];
  }
  if (level === "stopped") {
    return [level, health.seen_at ? t("banner.stopped", { time: moment(health.seen_at) }) : t("banner.stopped_never")];
  }
  if (level === "behind") return [level, t("banner.behind", { n: count(health.lag || 0) })];
  if (health.policy_matches === false) {
    return ["policy", t("banner.policy", { mine: frame.policy_version, theirs: health.policy_version })];
  }
  return ["ok", ""];
}

function show() {
  const [level, text] = verdict();
  const banner = byId("banner");
  if (banner.textContent !== text) banner.textContent = text;
  banner.hidden = !text;
  banner.dataset.level = level;
  const live = byId("live");
  const word = level === "ok" ? "ok" : level === "offline" ? "offline" : "stale";
  live.dataset.level = level === "ok" ? "ok" : GRAVE.has(level) ? "bad" : "warn";
  live.querySelector(".word").textContent = t(`live.${word}`);
  live.setAttribute("aria-label", t(`live.${word}`));
  for (const watcher of watchers) watcher(health, level);
}

function languageButton() {
  byId("language").addEventListener("click", () => {
    const other = language === "ja" ? "en" : "ja";
    document.cookie = `kakuhan-language=${other}; path=/; max-age=31536000; samesite=lax`;
    const address = new URL(location.href);
    address.searchParams.delete("lang");
    location.replace(address);
  });
}

