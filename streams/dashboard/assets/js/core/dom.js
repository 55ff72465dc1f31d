// Builds elements. Text always goes in as text: nothing here (or anywhere on the page) parses HTML.

const SVG = "http://www.w3.org/2000/svg";

function put(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** `h("p", {class: "note"}, "text", child)`; null, undefined and false children are left out. */
export function h(tag, attributes = {}, ...children) {
  return put(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return put(document.createElementNS(SVG, tag), attributes, children);
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(4).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Like `fill`, for what is shown anew while somebody is at it: the keyboard stays at what is the same there, and what
 * was unfolded or folded stays so.
 */
export function refill(element, ...children) {
  const held = element.contains(document.activeElement) ? document.activeElement : null;
  const key = held && keyOf(held);
  const alike = () => [...element.querySelectorAll(held.tagName)].filter((one) => keyOf(one) === key);
  const nth = held ? alike().indexOf(held) : -1;
  const folds = new Map([...element.querySelectorAll("details")].map((one) => [keyOf(one.firstChild), one.open]));
  fill(element, ...children);
  for (const one of element.querySelectorAll("details")) one.open = folds.get(keyOf(one.firstChild)) ?? one.open;
  if (held) (alike()[nth] || alike()[0])?.focus({ preventScroll: true });
  return element;
}

/** What makes an element the same to a person: what it is, says and leads to, and of what it is part. */
function keyOf(one) {
  const part = one.closest(".signal")?.querySelector("[data-signal]")?.dataset.signal ?? one.closest("section")?.className ?? "";
  const says = one.matches("a, button, summary") ? one.textContent : "";
  return [one.tagName, one.id || one.className, one.getAttribute("href"), says, part].join("|");
}

/** Short texts in one line, broken only between them; what is empty is left out. */
export function pieces(...texts) {
  return texts.flat().filter(Boolean).map((text) => h("span", { class: "piece" }, text));
}

/** Whether a click asks for another tab or window, which is the browser's business. */
export const isElsewhere = (event) => Boolean(event.ctrlKey || event.metaKey || event.shiftKey || event.button);

export const byId = (id) => document.getElementById(id);

/** Tells screen readers what has happened, without moving anybody anywhere. */
export function say(text) {
  const said = byId("said");
  if (said) said.textContent = text;
}

/** Only addresses of the web become links: never javascript: or data:. */
export function link(address, attributes, ...children) {
  const safe = /^(https?:\/\/|\/(?!\/))/i.test(address || "");
  const outside = safe && !address.startsWith("/");
  return safe
    ? h("a", { href: address, ...(outside ? { rel: "noopener noreferrer", target: "_blank" } : {}), ...attributes }, ...children)
    : h("span", attributes, ...children);
}
