// All customers as typed arrays, one row each, kept like the server's; it must not know how they are drawn.

export const GONE = 255;
export const FORMER = 2;
const VIEWS = { f4: Float32Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
const FACETS = ["owner", "cs", "industry", "plan"];

class Words {
  constructor(words) {
    this.list = words;
    this.numbers = new Map(words.map((word, n) => [word, n]));
  }

  number(word) {
    let found = this.numbers.get(word);
    if (found === undefined) {
      found = this.list.push(word) - 1;
      this.numbers.set(word, found);
    }
    return found;
  }
}

export class Columns {
  constructor() {
    this.epoch = "";
    this.seq = 0;
    this.count = 0;
  }

  /** Takes a snapshot: see the server's `wire` for the layout. */
  take(buffer) {
    const size = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
    const begin = Math.ceil((4 + size) / 8) * 8;
    this.epoch = header.epoch;
    this.seq = header.seq;
    this.count = header.count;
    const room = Math.ceil(header.count * 1.1) + 64;
    for (const { name, kind, offset } of header.columns) {
      const wide = kind === "f4" ? Float32Array : name === "segment" || name === "lifecycle" ? Uint8Array : Uint32Array;
      this[name] = new wide(room);
      this[name].set(new VIEWS[kind](buffer, begin + offset, header.count));
    }
    const people = new Words(header.people);
    this.words = { owner: people, cs: people, industry: new Words(header.industries), plan: new Words(header.plans) };
    this.departmentWords = new Words(header.departments);
    this.departmentSets = header.department_sets;
    this.setNumbers = new Map(this.departmentSets.map((members, n) => [members.join(), n]));
  }

  /** Takes changed rows; `false` when some were missed and everything must be fetched again. */
  move(message, learn) {
    if (message.seq <= this.seq) return [];
    if (message.seq !== this.seq + 1) return false;
    this.seq = message.seq;
    return message.rows.map((row) => this.put(row, learn));
  }

  put([row, id, name, value, potential, revenue, segment, lifecycle, owner, cs, industry, plan, departments], learn) {
    const before = { row, isNew: row >= this.count, value: this.value[row], potential: this.potential[row], segment: this.segment[row] };
    if (row >= this.segment.length) this.grow(row + 1);
    this.count = Math.max(this.count, row + 1);
    if (id === undefined) {
      this.segment[row] = GONE;
      learn(row, "", "");
      return before;
    }
    this.value[row] = value;
    this.potential[row] = potential;
    this.revenue[row] = revenue;
    this.segment[row] = segment;
    this.lifecycle[row] = lifecycle;
    [owner, cs, industry, plan].forEach((word, n) => (this[FACETS[n]][row] = this.words[FACETS[n]].number(word)));
    this.departments[row] = this.setOf(departments.map((word) => this.departmentWords.number(word)));
    learn(row, id, name);
    return before;
  }

  /** The number of a set of departments, a new one for a new set: a page stays open for weeks. */
  setOf(members) {
    const key = members.sort((a, b) => a - b).join();
    let found = this.setNumbers.get(key);
    if (found === undefined) {
      found = this.departmentSets.push(members) - 1;
      this.setNumbers.set(key, found);
    }
    return found;
  }

  /** How many words there are to filter by. */
  get wordCount() {
    return this.departmentWords.list.length + ["owner", "industry", "plan"].reduce((sum, facet) => sum + this.words[facet].list.length, 0);
  }

  grow(least) {
    for (const name of ["value", "potential", "revenue", ...FACETS, "departments", "segment", "lifecycle"]) {
      const wider = new this[name].constructor(Math.ceil(least * 1.3) + 64);
      wider.set(this[name]);
      this[name] = wider;
    }
  }

  /** Is it a customer that has not left? */
  stands(row) {
    return this.segment[row] !== GONE && this.lifecycle[row] !== FORMER;
  }

  /** Which rows stand and fit `wanted`, words by facet: fills `into` with 1 and 0. */
  fitting(wanted, into) {
    const numbers = {};
    for (const facet of ["industry", "plan"]) {
      if (wanted[facet]) numbers[facet] = this.words[facet].numbers.get(wanted[facet]) ?? -1;
    }
    const owner = wanted.owner ? (this.words.owner.numbers.get(wanted.owner) ?? -1) : null;
    const sets = wanted.department ? this.setsWith(wanted.department) : null;
    for (let row = 0; row < this.count; row += 1) {
      let fits = this.stands(row);
      if (fits && numbers.industry !== undefined) fits = this.industry[row] === numbers.industry;
      if (fits && numbers.plan !== undefined) fits = this.plan[row] === numbers.plan;
      if (fits && owner !== null) fits = this.owner[row] === owner || this.cs[row] === owner;
      if (fits && sets) fits = sets[this.departments[row]] === 1;
      into[row] = fits ? 1 : 0;
    }
  }

  setsWith(department) {
    const wanted = this.departmentWords.numbers.get(department);
    return Uint8Array.from(this.departmentSets, (members) => (members.includes(wanted) ? 1 : 0));
  }

  /** The words of a facet that stand in some row, in the order of the language. */
  choices(facet) {
    const lists = {
      owner: this.words.owner.list, industry: this.words.industry.list, plan: this.words.plan.list, department: this.departmentWords.list,
    };
    return lists[facet].filter(Boolean).sort((a, b) => a.localeCompare(b, document.documentElement.lang));
  }
}
