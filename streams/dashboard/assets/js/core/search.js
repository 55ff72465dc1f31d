// Finds customers by name or id as one types; the names are fetched once, when they are first wanted.

import { byId, fill, h } from "./dom.js";
import { count, t } from "./words.js";

const SHOWN = 12;
const OLD_MS = 60000;
let known = null;
let knownAt = 0;
let asking = null;
let ofEpoch = "";
let meanwhile = []; // what changed while the names were on their way, which may tell of it or not

// Forms of the commonest characters in names of people and companies, each with the usual one.
const FORMS = new Map([..."髙高﨑崎嵜崎碕崎濵浜濱浜邊辺邉辺齋斎齊斉德徳澤沢廣広嶋島櫻桜惠恵眞真國国靜静榮栄壽寿條条瀨瀬𠮷吉"].flatMap((one, n, all) => (n % 2 ? [] : [[one, all[n + 1]]])));

/** For comparison: widths, cases, hiragana and katakana, old and new forms, and spaces make no difference. */
function folded(text) {
  return Array.from(text.normalize("NFKC"), (one) => FORMS.get(one) ?? one).join("").toLowerCase()
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/\s+/g, "");
}

/** Ids and names by row, with the names folded for comparison; rows of another `epoch` are other customers. */
export function names(epoch = ofEpoch) {
  if (epoch !== ofEpoch) {
    ofEpoch = epoch;
    known = asking = null;
  }
  if (!asking) meanwhile = [];
  asking ??= fetch("/data/names")
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((found) => {
      if (epoch !== ofEpoch || (epoch && found.epoch !== epoch)) throw new Error("other rows by now");
      knownAt = performance.now();
      known = {
        ids: found.rows.map(([id]) => id), names: found.rows.map(([, name]) => name),
        folded: found.rows.map(([, name]) => folded(name)),
        foldedIds: found.rows.map(([id]) => folded(id)), rows: new Map(found.rows.map(([id], row) => [id, row])),
      };
      for (const change of meanwhile.splice(0)) learn(...change);
      return known;
    })
    .catch((error) => {
      if (epoch === ofEpoch) asking = null;
      throw error;
    });
  return asking;
}

/** What is known already, or null. */
export const namesKnown = () => known;

/** Takes a customer's name as it is now. */
export function learn(row, id, name) {
  if (!known) {
    meanwhile.push([row, id, name]);
    return;
  }
  if (known.ids[row] && known.ids[row] !== id) known.rows.delete(known.ids[row]);
  if (id) known.rows.set(id, row);
  known.ids[row] = id;
  known.names[row] = name;
  known.folded[row] = folded(name);
  known.foldedIds[row] = folded(id);
}

/** The row of a customer, -1 while it is not known. */
export const rowOf = (id) => known?.rows.get(id) ?? -1;

/** Rows whose name or id contains every word of the text: those that begin with it first. */
function find(text) {
  const words = text.trim().split(/\s+/).map(folded);
  const [first] = words;
  if (!known || !first) return [];
  const leading = [];
  const others = [];
  for (let row = 0; row < known.ids.length; row += 1) {
    const name = known.folded[row];
    if (!known.ids[row] || !words.every((word) => name.includes(word) || known.foldedIds[row].includes(word))) continue;
    if (name.startsWith(first)) leading.push(row);
    else others.push(row);
  }
  return leading.concat(others);
}

export function search(place, pick) {
  const input = h("input", {
    type: "search", id: "search-text", placeholder: t("search"), "aria-label": t("search"), autocomplete: "off",
    spellcheck: "false", role: "combobox", "aria-expanded": "false", "aria-controls": "search-list", "aria-autocomplete": "list",
  });
  const list = h("ul", { id: "search-list", role: "listbox", "aria-label": t("search"), hidden: true });
  fill(place, input, list);
  let rows = [];
  let at = -1;

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(row) {
    close();
    input.value = known.names[row];
    pick(known.ids[row], row);
  }

  function highlight(next) {
    at = rows.length ? (next + rows.length) % rows.length : -1;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) input.setAttribute("aria-activedescendant", `hit-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function show() {
    const found = find(input.value);
    rows = found.slice(0, SHOWN);
    const items = rows.map((row, n) =>
      h("li", { id: `hit-${n}`, role: "option", "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => choose(row) },
        h("span", { class: "who" }, known.names[row]), h("span", { class: "id" }, known.ids[row])));
    const rest = h("li", { class: "rest", role: "presentation" }, found.length ? t("search_hits", { n: count(found.length) }) : t("search_none"));
    fill(list, items, rest);
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  }

  input.addEventListener("focus", () => {
    if (!ofEpoch && performance.now() - knownAt > OLD_MS) asking = null; // nobody tells this page of new ones
    names().catch(() => {});
  });
  input.addEventListener("input", () => names().then(show).catch(close));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    // These keys choose and confirm what is being converted (Safari says so by the code alone).
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown") highlight(at + 1);
    else if (event.key === "ArrowUp") highlight(at - 1);
    else if (event.key === "Enter" && rows.length) choose(rows[Math.max(at, 0)]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName || "");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      byId("search-text").focus();
    }
  });
}
