// One customer's page.

import { byId, fill, h, refill } from "./core/dom.js";
import { hearHealth, hearLine, shell } from "./core/shell.js";
import { connect } from "./core/socket.js";
import { t } from "./core/words.js";
import { customer, fetchCustomer } from "./customer/view.js";
import { showOutcome } from "./feed/outcome.js";

const id = decodeURIComponent(location.pathname.slice("/customers/".length));
let shown = null;
let asked = 0;

async function show() {
  const content = byId("content");
  const mine = ++asked;
  try {
    const found = await fetchCustomer(id);
    if (mine !== asked) return; // a later answer is on its way
    if (JSON.stringify(found) !== JSON.stringify(shown)) refill(content, toolbar(), customer(found, 1));
    shown = found;
    document.title = `${shown.name} · ${t("brand")}`;
    document.body.dataset.ready = "yes";
  } catch (error) {
    if (mine !== asked) return;
    shown = null;
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
// What to do and whom to ask must be on paper, folded away or not; old signals' playbooks would fill it with repetitions.
addEventListener("beforeprint", () => document.querySelectorAll(".panel > details.playbook, .facts details").forEach((found) => (found.open = true)));
void show();
