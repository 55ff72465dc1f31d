// One customer's page.

import { byId, fill, h } from "./core/dom.js";
import { hearHealth, hearLine, shell } from "./core/shell.js";
import { connect } from "./core/socket.js";
import { t } from "./core/words.js";
import { customer, fetchCustomer } from "./customer/view.js";
import { showOutcome } from "./feed/outcome.js";

const id = decodeURIComponent(location.pathname.slice("/customers/".length));
let shown = null;

async function show() {
  const content = byId("content");
  try {
    shown = await fetchCustomer(id);
    fill(content, toolbar(), customer(shown, 1));
    document.title = `${shown.name} · ${t("brand")}`;
    document.body.dataset.ready = "yes";
  } catch (error) {
    fill(content, toolbar(), h("p", { class: "wait", role: "alert" }, error.message, " ", h("button", { type: "button", onclick: show }, t("retry"))));
    document.body.dataset.ready = "yes";
  }
  content.setAttribute("aria-busy", "false");
}

function toolbar() {
  return h("p", { class: "toolbar" }, h("a", { href: "/", class: "quiet" }, `← ${t("back")}`), h("button", { type: "button", class: "quiet", onclick: () => print() }, t("print")));
}

const HEAR = {
  health: hearHealth,
  customer: () => void show(),
  outcome({ outcome }) {
    const signal = shown?.signals.find((found) => found.signal_id === outcome.signal_id);
    if (signal) showOutcome(document, signal, outcome);
  },
};

shell();
connect({ topics: "", show: `customer:${id}`, hear: (message) => HEAR[message.t]?.(message), line: hearLine });
// What is folded away must be on paper too.
addEventListener("beforeprint", () => document.querySelectorAll(".customer details.playbook, .customer .facts details").forEach((found) => (found.open = true)));
void show();
