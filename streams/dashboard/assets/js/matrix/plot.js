// The still picture: field, thresholds, axes and all points, as shapes where there is room, as density where not.

import { frame, number, t, value as valueText } from "../core/words.js";
import { jitterOf, scales } from "./scale.js";

const CELL = 3; // css pixels of one cell of the density
const SHAPES_UP_TO = 3500; // points shown as shapes; more would lie upon each other
export const MARGIN = { left: 46, right: 14, top: 12, bottom: 38 };

export class Plot {
  constructor(canvas, columns) {
    this.canvas = canvas;
    this.columns = columns;
    this.view = { x0: 0, x1: 1, y0: 0, y1: 1 };
    this.u = new Float32Array(0);
    this.v = new Float32Array(0);
    this.shown = new Uint8Array(0);
    this.hidden = new Set();
    this.offscreen = document.createElement("canvas");
  }

  /** Lays out all rows anew: after everything was fetched. */
  layOut() {
    const { columns } = this;
    this.scales = scales(columns, frame);
    this.u = new Float32Array(columns.value.length);
    this.v = new Float32Array(columns.value.length);
    this.shown = new Uint8Array(columns.value.length);
    for (let row = 0; row < columns.count; row += 1) this.place(row);
  }

  /** Lays out one row: after it moved. */
  place(row) {
    if (row >= this.u.length) {
      for (const name of ["u", "v", "shown"]) {
        const wider = new this[name].constructor(this.columns.value.length);
        wider.set(this[name]);
        this[name] = wider;
      }
    }
    const jitter = jitterOf(row);
    this.u[row] = this.scales.x.place(this.columns.value[row], jitter);
    this.v[row] = this.scales.y.place(this.columns.potential[row], jitterOf(row + 7919));
  }

  /** Takes the size of its element; true when it has changed. */
  resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const { clientWidth, clientHeight } = this.canvas;
    const changed = clientWidth !== this.width || clientHeight !== this.height || ratio !== this.ratio;
    if (!changed) return false;
    this.ratio = ratio;
    this.width = clientWidth;
    this.height = clientHeight;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    return true;
  }

  get inner() {
    return {
      left: MARGIN.left, top: MARGIN.top,
      width: Math.max(1, this.width - MARGIN.left - MARGIN.right), height: Math.max(1, this.height - MARGIN.top - MARGIN.bottom),
    };
  }

  x(u) {
    const { left, width } = this.inner;
    return left + ((u - this.view.x0) / (this.view.x1 - this.view.x0)) * width;
  }

  y(v) {
    const { top, height } = this.inner;
    return top + height - ((v - this.view.y0) / (this.view.y1 - this.view.y0)) * height;
  }

  at(row) {
    return [this.x(this.u[row]), this.y(this.v[row])];
  }

  draw(look) {
    const g = this.canvas.getContext("2d");
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.clearRect(0, 0, this.width, this.height);
    if (!this.scales) return;
    const { left, top, width, height } = this.inner;
    g.save();
    g.beginPath();
    g.rect(left, top, width, height);
    g.clip();
    this.washes(g, look);
    this.grid(g, look);
    const drawn = this.visible();
    if (drawn.length > SHAPES_UP_TO) this.density(g, look, drawn);
    else this.shapes(g, look, drawn);
    this.thresholds(g, look);
    g.restore();
    this.axes(g, look);
  }

  /** The rows to be seen in the part of the field that is shown. */
  visible() {
    const { x0, x1, y0, y1 } = this.view;
    const found = [];
    for (let row = 0; row < this.columns.count; row += 1) {
      if (!this.shown[row] || this.hidden.has(row)) continue;
      if (this.u[row] >= x0 - 0.01 && this.u[row] <= x1 + 0.01 && this.v[row] >= y0 - 0.01 && this.v[row] <= y1 + 0.01) found.push(row);
    }
    return found;
  }

  get cross() {
    return [this.x(this.scales.x.place(frame.value.enter, 0.5)), this.y(this.scales.y.place(frame.potential.enter, 0.5))];
  }

  washes(g, look) {
    const { left, top, width, height } = this.inner;
    const [cx, cy] = this.cross;
    const [retain, nurture, expand, streamline] = look.washes;
    for (const [colour, x, y, w, h] of [
      [nurture, left, top, cx - left, cy - top],
      [retain, cx, top, left + width - cx, cy - top],
      [streamline, left, cy, cx - left, top + height - cy],
      [expand, cx, cy, left + width - cx, top + height - cy],
    ]) {
      g.fillStyle = colour;
      g.fillRect(x, y, Math.max(0, w), Math.max(0, h));
    }
  }

  grid(g, look) {
    const { left, top, width, height } = this.inner;
    g.strokeStyle = look.line;
    g.lineWidth = 1;
    g.globalAlpha = 0.55;
    g.beginPath();
    for (const n of this.scales.x.ticks) line(g, this.x(this.scales.x.place(n, 0.5)), top, 0, height);
    for (const n of this.scales.y.ticks) line(g, left, this.y(this.scales.y.place(n, 0.5)), width, 0);
    g.stroke();
    g.globalAlpha = 1;
  }

  thresholds(g, look) {
    const { left, top, width, height } = this.inner;
    const [cx, cy] = this.cross;
    g.strokeStyle = look.ink;
    g.globalAlpha = 0.65;
    g.lineWidth = 1.25;
    g.setLineDash([]);
    g.beginPath();
    line(g, cx, top, 0, height);
    line(g, left, cy, width, 0);
    g.stroke();
    g.globalAlpha = 0.4;
    g.setLineDash([2, 4]);
    g.beginPath();
    if (frame.value.leave !== frame.value.enter) line(g, this.x(this.scales.x.place(frame.value.leave, 0.5)), top, 0, height);
    if (frame.potential.leave !== frame.potential.enter) line(g, left, this.y(this.scales.y.place(frame.potential.leave, 0.5)), width, 0);
    g.stroke();
    g.setLineDash([]);
    g.globalAlpha = 1;
  }

  shapes(g, look, rows) {
    const size = rows.length > 1200 ? 3 : rows.length > 300 ? 3.9 : 4.8;
    g.lineWidth = 1;
    for (const segment of [3, 2, 0, 1]) {
      g.fillStyle = look.segments[segment];
      g.strokeStyle = segment === 3 ? look.segments[3] : look.card;
      g.globalAlpha = segment === 3 ? 0.75 : 0.86;
      for (const row of rows) if (this.columns.segment[row] === segment) shape(g, segment, ...this.at(row), size);
    }
    g.globalAlpha = 1;
  }

  /** One cell of `CELL` pixels is as strong as the logarithm of the customers in it, in the colour of most of them. */
  density(g, look, rows) {
    const { left, top, width, height } = this.inner;
    const across = Math.ceil(width / CELL);
    const down = Math.ceil(height / CELL);
    const counts = new Uint16Array(across * down * 4);
    let most = 1;
    for (const row of rows) {
      const [x, y] = this.at(row);
      const cx = Math.min(across - 1, Math.max(0, Math.floor((x - left) / CELL)));
      const cy = Math.min(down - 1, Math.max(0, Math.floor((y - top) / CELL)));
      const cell = (cy * across + cx) * 4 + this.columns.segment[row];
      counts[cell] += 1;
      if (counts[cell] > most) most = counts[cell];
    }
    this.offscreen.width = across;
    this.offscreen.height = down;
    const small = this.offscreen.getContext("2d");
    const image = small.createImageData(across, down);
    const inks = look.segments.map(rgb);
    const strongest = Math.log1p(most);
    for (let cell = 0; cell < across * down; cell += 1) {
      let best = 0;
      let all = 0;
      for (let segment = 0; segment < 4; segment += 1) {
        all += counts[cell * 4 + segment];
        if (counts[cell * 4 + segment] > counts[cell * 4 + best]) best = segment;
      }
      if (!all) continue;
      image.data.set(inks[best], cell * 4);
      image.data[cell * 4 + 3] = 95 + 160 * Math.min(1, Math.log1p(all) / strongest);
    }
    small.putImageData(image, 0, 0);
    g.imageSmoothingEnabled = false;
    g.drawImage(this.offscreen, left, top, across * CELL, down * CELL);
  }

  axes(g, look) {
    const { left, top, width, height } = this.inner;
    g.fillStyle = look.soft;
    g.font = `11px ${getComputedStyle(this.canvas).fontFamily}`;
    g.textBaseline = "top";
    g.textAlign = "center";
    const [cx, cy] = this.cross;
    const bold = `650 11.5px ${getComputedStyle(this.canvas).fontFamily}`;
    const plainFont = g.font;
    const enter = valueText(frame.value.enter);
    g.font = bold;
    const free = g.measureText(enter).width / 2 + 8;
    g.font = plainFont;
    let lastEnd = -Infinity;
    const labelled = [[0, t("matrix.zero_value")], ...this.scales.x.ticks.map((n) => [n, valueText(n)])];
    for (const [n, text] of this.scales.x.strip ? labelled : labelled.slice(1)) {
      const x = this.x(this.scales.x.place(n, 0.5));
      const half = g.measureText(text).width / 2;
      if (x - half < lastEnd + 8 || x < left - 1 || x > left + width || Math.abs(x - cx) < half + free) continue;
      g.fillText(text, Math.min(x, left + width - half), top + height + 6);
      lastEnd = x + half;
    }
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (const n of [0, ...this.scales.y.ticks]) {
      const y = this.y(this.scales.y.place(n, 0.5));
      if (y >= top - 1 && y <= top + height + 1 && Math.abs(y - cy) > 13) g.fillText(number(n), left - 7, y);
    }
    g.fillStyle = look.ink;
    g.font = bold;
    if (cy > top && cy < top + height) g.fillText(number(frame.potential.enter), left - 7, cy);
    g.textAlign = "center";
    g.textBaseline = "top";
    if (cx > left && cx < left + width) g.fillText(enter, cx, top + height + 6);
    g.textAlign = "right";
    g.textBaseline = "alphabetic";
    g.fillStyle = look.ink;
    g.font = `600 12px ${getComputedStyle(this.canvas).fontFamily}`;
    g.fillText(`${t("matrix.value")} →`, left + width, top + height + 33);
    g.textAlign = "left";
    g.save();
    g.translate(11, top + height);
    g.rotate(-Math.PI / 2);
    g.fillText(`${t("matrix.potential")} →`, 0, 0);
    g.restore();
  }
}

function line(g, x, y, w, h) {
  g.moveTo(Math.round(x) + (w ? 0 : 0.5), Math.round(y) + (h ? 0 : 0.5));
  g.lineTo(Math.round(x + w) + (w ? 0 : 0.5), Math.round(y + h) + (h ? 0 : 0.5));
}

/** One customer: circle, triangle, square or ring, as in the legend. */
export function shape(g, segment, x, y, size) {
  g.beginPath();
  if (segment === 1) {
    g.moveTo(x, y - size * 1.15);
    g.lineTo(x + size * 1.1, y + size * 0.8);
    g.lineTo(x - size * 1.1, y + size * 0.8);
    g.closePath();
  } else if (segment === 2) g.rect(x - size * 0.85, y - size * 0.85, size * 1.7, size * 1.7);
  else g.arc(x, y, segment === 3 ? size * 0.8 : size, 0, 7);
  if (segment === 3) {
    g.lineWidth = 1.4;
    g.stroke();
    g.lineWidth = 1;
    return;
  }
  g.fill();
  g.stroke();
}

const parsed = new Map();
function rgb(colour) {
  if (!parsed.has(colour)) {
    const g = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    g.fillStyle = colour;
    g.fillRect(0, 0, 1, 1);
    parsed.set(colour, [...g.getImageData(0, 0, 1, 1).data.slice(0, 3), 0]);
  }
  return parsed.get(colour);
}
