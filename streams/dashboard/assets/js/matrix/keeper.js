// Keeps the columns like the server's: all rows once, then the changed ones in their order, and all of them again when
// some were missed. It must not know how rows are drawn.

const FETCH_AGAIN_MS = 2500; // everything is fetched that often at most

export class Keeper {
  /** `whole()`: all rows are new; `moved(rows)`: these changed, see `Columns.move`; `learn` takes names. */
  constructor(columns, { whole, moved, learn }) {
    this.columns = columns;
    this.whole = whole;
    this.moved = moved;
    this.learn = learn;
    this.waiting = [];
    this.fetching = false;
    this.fetchedAt = -Infinity;
    this.again = 0;
    this.isOld = false; // what is on its way will be
  }

  async fetch() {
    if (this.fetching) return;
    this.fetching = true;
    this.isOld = false;
    this.fetchedAt = performance.now();
    try {
      const answer = await fetch("/data/snapshot");
      if (!answer.ok) throw new Error(String(answer.status));
      this.columns.take(await answer.arrayBuffer());
    } catch {
      this.fetching = false;
      this.fetchSoon();
      return;
    }
    this.fetching = false;
    this.whole();
    // What came meanwhile: the older part of it is in the columns already.
    const waiting = this.waiting;
    this.waiting = [];
    for (const message of waiting) this.hear(message);
    if (this.isOld) this.fetchSoon();
  }

  /** Everything has changed; what is being fetched may have left the server before that. */
  reload() {
    if (this.fetching) this.isOld = true;
    else this.fetchSoon();
  }

  fetchSoon() {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.fetch(), Math.max(50, this.fetchedAt + FETCH_AGAIN_MS - performance.now()));
  }

  /** Takes a message about changed rows. */
  hear(message) {
    if (this.fetching || !this.columns.epoch) {
      this.waiting.push(message);
      return;
    }
    const rows = this.columns.move(message, this.learn);
    if (rows) this.moved(rows);
    else this.fetchSoon();
  }
}
