// The page's one connection: hears what is new, comes back after a break and says what it has already seen.

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 8000;
// The server says something every ten seconds: silence for longer than this means that the line is dead.
const SILENT_MS = 25000;

/**
 * @param {object} options
 * @param {string} options.topics words with spaces between
 * @param {string} [options.show] `customer:ID`
 * @param {() => object} [options.seen] what the page holds already, as parameters of the address
 * @param {(message: object) => void} options.hear
 * @param {(connected: boolean) => void} options.line
 */
export function connect({ topics, show, seen = () => ({}), hear, line }) {
  let pause = FIRST_PAUSE_MS;
  let again = false;
  let watchdog = 0;
  let retry = 0;
  let socket = null;
  let asked = show;

  function address() {
    const given = { topics, ...(asked ? { show: asked } : {}), ...seen(), ...(again ? { again: "1" } : {}) };
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    return `${scheme}://${location.host}/live?${new URLSearchParams(given)}`;
  }

  function watch(mine) {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      lost(mine); // at once: a browser waits many seconds for the other end of a dead line to agree
      mine.close();
    }, SILENT_MS);
  }

  function lost(mine) {
    if (socket !== mine) return;
    socket = null;
    clearTimeout(watchdog);
    if (!mine.heard) void askWhy();
    again = true;
    line(false);
    retry = setTimeout(open, pause * (0.5 + Math.random()));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  /** A browser does not tell why a socket was refused: who must sign in again is led there instead of waiting for ever. */
  async function askWhy() {
    const answer = await fetch("/data/health").catch(() => null);
    if (answer?.status === 401) location.reload();
  }

  function open() {
    clearTimeout(retry);
    const mine = new WebSocket(address());
    socket = mine;
    watch(mine);
    mine.onmessage = (event) => {
      if (socket !== mine) return; // the one that came after it hears the same
      mine.heard = true;
      watch(mine);
      pause = FIRST_PAUSE_MS;
      line(true);
      for (const message of JSON.parse(event.data)) hear(message);
    };
    mine.onclose = () => lost(mine);
  }

  open();
  return {
    /** Hear of one customer's changes from now on; null: of nobody's. */
    show(customer) {
      asked = customer ? `customer:${customer}` : undefined;
      const old = socket;
      open();
      old?.close();
    },
  };
}
