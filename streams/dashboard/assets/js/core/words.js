// Texts, numbers and dates in the page's language; knows the policy's names, no customer.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
export const frame = read("frame");
const texts = read("texts");
export const language = document.documentElement.lang === "en" ? "en" : "ja";
const locale = language === "en" ? "en-US" : "ja-JP";

/** The text of a dotted name with `{name}` replaced; the name itself where there is none. */
export function t(name, values = {}) {
  let found = texts;
  // Names such as "type.segment.changed" have a dot of their own: the longest rest that exists is taken.
  const parts = name.split(".");
  for (let at = 0; at < parts.length && found !== undefined; at += 1) {
    const rest = parts.slice(at).join(".");
    if (typeof found === "object" && typeof found[rest] === "string") {
      found = found[rest];
      break;
    }
    found = typeof found === "object" ? found[parts[at]] : undefined;
  }
  if (typeof found !== "string") return parts.at(-1);
  return found.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export const has = (name, key) => Object.hasOwn(texts[name] || {}, key);

/** A text in which `{name}` may also be an element: an array of texts and elements. */
export function parts(name, values) {
  return t(name)
    .split(/(\{\w+\})/)
    .map((piece) => {
      const key = /^\{(\w+)\}$/.exec(piece)?.[1];
      return key && key in values ? values[key] : piece;
    });
}

// The policy's own names stand in Japanese, where it was written; in English our words do.
export const segmentName = (segment) => (language === "ja" && frame.segments[segment]) || t(`segment.${segment}`);
export const standingName = (name) => (frame.segments[name] ? segmentName(name) : t(`lifecycle.${name}`));
export const audienceName = (audience) => (has("audience", audience) ? t(`audience.${audience}`) : audience);

const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const two = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const wholes = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const currency = { style: "currency", currency: frame.currency, currencyDisplay: "narrowSymbol" };
const short = new Intl.NumberFormat(locale, { ...currency, notation: "compact", maximumSignificantDigits: 3 });
const full = new Intl.NumberFormat(locale, { ...currency, maximumFractionDigits: 4, minimumFractionDigits: 0 });

export const number = (n) => plain.format(n);
export const count = (n) => wholes.format(n);
// Columns hold 32 bits of a number that has four decimals: 12.45 must not become 12.4 for that.
const four = (n) => Math.round(Number(n) * 1e4) / 1e4;
export const points = (n) => one.format(four(n));
export const exactPoints = (n) => plain.format(n);
// 2,630万円 is how yen are written in Japanese; everything else as the language does.
const isYen = language === "ja" && frame.currency === "JPY";
const yen = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 4, useGrouping: "always" });
export const money = (n) => (isYen ? `${yen.format(Number(n))}円` : short.format(Number(n)));
export const exactMoney = (n) => (isYen ? `${plain.format(Number(n))}円` : full.format(Number(n)));
/** The value axis in its own unit: money, or a score from 1 to 5. */
export const value = (n) => (frame.measure === "rfm" ? two.format(four(n)) : money(n));

const zone = { timeZone: frame.timezone };
const dayForm = new Intl.DateTimeFormat(locale, { ...zone, year: "numeric", month: "short", day: "numeric" });
const dateForm = new Intl.DateTimeFormat(locale, { timeZone: "UTC", year: "numeric", month: "short", day: "numeric" });
const shortDayForm = new Intl.DateTimeFormat(locale, { ...zone, month: "numeric", day: "numeric" });
const monthForm = new Intl.DateTimeFormat(locale, { ...zone, year: "numeric", month: "short" });
const timeForm = new Intl.DateTimeFormat(locale, { ...zone, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const isoDay = new Intl.DateTimeFormat("sv-SE", { ...zone });
const instant = (when) => (typeof when === "number" ? when : Date.parse(when));

export const day = (when) => (/^\d{4}-\d\d-\d\d$/.test(when) ? dateForm.format(Date.parse(`${when}T12:00:00Z`)) : dayForm.format(instant(when)));
export const inMonth = (when) => monthForm.format(instant(when));
export const shortDay = (when) => shortDayForm.format(instant(when));
export const moment = (when) => timeForm.format(instant(when));
export const month = (name) => new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" }).format(Date.parse(`${name}-15T00:00:00Z`));

export function age(when, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - instant(when)) / 1000));
  if (seconds < 5) return t("age.now");
  if (seconds < 60) return t("age.s", { n: seconds });
  if (seconds < 3600) return t("age.m", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return t("age.h", { n: Math.floor(seconds / 3600) });
  return t("age.d", { n: Math.floor(seconds / 86400) });
}

/** In how many calendar days of the policy's time zone. */
export function inDays(when, now = Date.now()) {
  const days = Math.round((Date.parse(isoDay.format(instant(when))) - Date.parse(isoDay.format(now))) / 86400000);
  if (instant(when) < now) return t("in_days.past");
  return days === 0 ? t("in_days.today") : days === 1 ? t("in_days.one") : t("in_days.n", { n: count(days) });
}

// Ages on the page grow old by themselves.
export function ageElement(element, when) {
  element.dataset.when = String(instant(when));
  element.textContent = age(when);
  return element;
}
setInterval(() => {
  for (const element of document.querySelectorAll("[data-when]")) {
    const text = age(Number(element.dataset.when));
    if (element.textContent !== text) element.textContent = text;
  }
}, 5000);
