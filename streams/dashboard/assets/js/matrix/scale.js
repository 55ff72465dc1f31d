// From value and potential to places on the field; it must not know canvas or customers.
//
// Amounts differ by orders of magnitude, so money is laid out by its logarithm, and what is 0 or less has a strip of
// its own at the edge. Potential is laid out by its square root: most customers have little, and the difference
// between 2 and 6 points matters as much as that between 30 and 60.

const STRIP = 0.05; // of the field, for what a logarithm cannot show
const GAP = 0.015;
const INSET = 0.18; // of the strip: no point may be cut off by the edge of the field
const ZOOMED = 0.5; // a view that shows less of an axis than that has room for more ticks
const MANY = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100];
const FEW = 0.004; // share of customers that may lie at the very edge

/**
 * A place in 0..1 for every value, and ticks for a view that shows that share of the axis; `jitter` spreads what would
 * lie exactly upon each other.
 */
function logarithmic(low, high) {
  const from = Math.log10(low);
  const width = Math.log10(high) - from;
  return {
    strip: STRIP,
    place: (n, jitter) => (n <= 0 ? (INSET + jitter * (1 - INSET)) * STRIP : STRIP + GAP + (1 - STRIP - GAP) * clamp((Math.log10(n) - from) / width)),
    ticks: (share) => decades(low, high, share),
  };
}

function linear(low, high, step) {
  const ticks = [];
  for (let n = low; n <= high; n += step) ticks.push(n);
  return { strip: 0, place: (n, jitter) => clamp((n - low) / (high - low)) * 0.96 + 0.02 + (jitter - 0.5) * 0.016, ticks: () => ticks };
}

function squareRoot(high) {
  const few = high > 60 ? [5, 10, 20, 40, 60, 80, 100] : [2, 5, 10, 20, 30, 40, 50];
  return {
    strip: STRIP,
    place: (n, jitter) => (n <= 0 ? (INSET + jitter * (1 - INSET)) * STRIP : STRIP + GAP + (1 - STRIP - GAP) * clamp(Math.sqrt(n / high))),
    ticks: (share) => (share < ZOOMED ? MANY : few).filter((n) => n < high),
  };
}

// What has grown beyond the scale since it was laid out stands just inside the edge.
const EDGE = 0.985;
const clamp = (n) => Math.min(Math.max(n, 0), EDGE);

function decades(low, high, share) {
  const ticks = [];
  const leads = share < ZOOMED ? [1, 1.5, 2, 3, 4, 5, 6, 8] : Math.log10(high / low) > 5 ? [1] : [1, 3];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const lead of leads) {
      const n = lead * 10 ** power;
      if (n >= low && n <= high) ticks.push(n);
    }
  }
  return ticks;
}

/** Scales that hold (nearly) all customers and both thresholds. */
export function scales(columns, frame) {
  const values = Array.from(columns.value.subarray(0, columns.count)).filter((n, row) => n > 0 && columns.stands(row));
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))];
  const { enter, leave } = frame.value;
  const low = Math.min(values.length ? at(FEW) : leave, leave / 3);
  const high = Math.max(values.length ? values.at(-1) * 1.1 : enter, enter * 3);
  let top = 0;
  for (let row = 0; row < columns.count; row += 1) if (columns.stands(row)) top = Math.max(top, columns.potential[row]);
  const potentialHigh = Math.min(frame.potential.cap, Math.max(top * 1.15, frame.potential.enter * 2.5));
  return {
    x: frame.measure === "rfm" ? linear(1, 5, 1) : logarithmic(low * 0.9, high),
    y: squareRoot(potentialHigh),
  };
}

/** A number in 0..1 that is always the same for a row. */
export function jitterOf(row) {
  let n = Math.imul(row + 1, 0x9e3779b1);
  n = Math.imul(n ^ (n >>> 15), 0x85ebca6b);
  return ((n ^ (n >>> 13)) >>> 0) / 4294967296;
}
