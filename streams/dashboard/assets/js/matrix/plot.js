// The still picture: field, thresholds, axes and all points, as shapes where there is room, as density where not.

import { frame } from "../core/words.js";
import { axes, ground, thresholds } from "./field.js";
import { density, shapes } from "./points.js";
import { jitterOf, scales } from "./scale.js";

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
    ground(g, this, look);
    const drawn = this.visible();
    if (drawn.length > SHAPES_UP_TO) density(g, this, look, drawn);
    else shapes(g, this, look, drawn);
    thresholds(g, this, look);
    g.restore();
    axes(g, this, look);
  }

  /** Where an axis ("x" or "y") has lines and numbers, as many as there is room for. */
  ticks(axis) {
    return this.scales[axis].ticks(this.view[`${axis}1`] - this.view[`${axis}0`]);
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
}
