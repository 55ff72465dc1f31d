// What moves above the still picture: customers on their way, the glow of new signals, and the one pointed at.

import { shape } from "./points.js";

const MOVE_MS = 1100;
const GLOW_MS = 14000;
const RISING_MS = 900;
const AT_ONCE = 400; // more moves than that at once are shown as done
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Overlay {
  constructor(canvas, plot, arrived) {
    this.canvas = canvas;
    this.plot = plot;
    this.arrived = arrived;
    this.moving = new Map();
    this.glowing = new Map();
    this.pointed = -1;
    this.chosen = -1;
    this.due = 0;
  }

  resize() {
    const { ratio, width, height } = this.plot;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  /** Shows a row on its way from where it was. */
  move(row, fromU, fromV) {
    const { plot } = this;
    if (calm.matches || this.moving.size >= AT_ONCE || !plot.shown[row]) return;
    if (Math.abs(fromU - plot.u[row]) + Math.abs(fromV - plot.v[row]) < 0.002) return;
    this.moving.set(row, { fromU, fromV, begun: performance.now() });
    plot.hidden.add(row);
    this.ask();
  }

  /** Lets a row glow: there is a new signal about it. */
  glow(row, severity) {
    this.glowing.set(row, { begun: performance.now(), severity });
    this.ask();
  }

  /** Rows are other customers now: nothing of before is shown any more. */
  forget() {
    this.moving.clear();
    this.glowing.clear();
    this.plot.hidden.clear();
    this.pointed = this.chosen = -1;
  }

  point(row) {
    if (row === this.pointed) return;
    this.pointed = row;
    this.ask();
  }

  choose(row) {
    this.chosen = row;
    this.ask();
  }

  ask() {
    this.due ||= requestAnimationFrame((now) => {
      this.due = 0;
      this.draw(now);
    });
  }

  draw(now) {
    const { plot } = this;
    if (!plot.scales) return;
    const g = this.canvas.getContext("2d");
    g.setTransform(plot.ratio, 0, 0, plot.ratio, 0, 0);
    g.clearRect(0, 0, plot.width, plot.height);
    const { left, top, width, height } = plot.inner;
    g.save();
    g.beginPath();
    g.rect(left - 8, top - 8, width + 16, height + 16);
    g.clip();
    for (const [row, glow] of this.glowing) this.drawGlow(g, row, glow, now);
    const done = [];
    for (const [row, way] of this.moving) if (this.drawMove(g, row, way, now)) done.push(row);
    if (this.chosen >= 0) this.ring(g, this.chosen, 9, this.look.ink, 2);
    if (this.pointed >= 0) this.ring(g, this.pointed, 7.5, this.look.ink, 1.5);
    g.restore();
    for (const row of done) {
      this.moving.delete(row);
      plot.hidden.delete(row);
    }
    if (done.length) this.arrived();
    if (this.moving.size || this.glowing.size) this.ask();
  }

  drawGlow(g, row, { begun, severity }, now) {
    const passed = now - begun;
    if (passed > GLOW_MS || !this.plot.shown[row]) {
      this.glowing.delete(row);
      return;
    }
    const [x, y] = this.place(row, now);
    const left = 1 - passed / GLOW_MS;
    const size = { low: 11, medium: 14, high: 17 }[severity] || 12;
    g.fillStyle = this.look.glow;
    g.strokeStyle = this.look.glow;
    g.globalAlpha = 0.3 * left;
    g.beginPath();
    g.arc(x, y, size, 0, 7);
    g.fill();
    g.globalAlpha = 0.9 * left;
    g.lineWidth = 1.6;
    g.beginPath();
    const wave = calm.matches ? 1 : Math.min(1, (passed % (RISING_MS * 2)) / RISING_MS);
    if (passed < RISING_MS * 6 && !calm.matches) {
      g.globalAlpha = 0.9 * left * (1 - wave);
      g.arc(x, y, 5 + size * 1.6 * wave, 0, 7);
    } else g.arc(x, y, size, 0, 7);
    g.stroke();
    g.globalAlpha = 1;
  }

  drawMove(g, row, way, now) {
    const done = now - way.begun >= MOVE_MS;
    const [x, y] = this.place(row, now);
    const fromX = this.plot.x(way.fromU);
    const fromY = this.plot.y(way.fromV);
    const segment = this.plot.columns.segment[row];
    const colour = this.look.segments[segment] || this.look.soft;
    g.strokeStyle = colour;
    g.globalAlpha = 0.5;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(fromX, fromY);
    g.lineTo(x, y);
    g.stroke();
    g.globalAlpha = 1;
    g.fillStyle = colour;
    g.strokeStyle = segment === 3 ? colour : this.look.card;
    shape(g, segment, x, y, 5.2);
    return done;
  }

  /** Where a row is now, on its way or at rest. */
  place(row, now) {
    const way = this.moving.get(row);
    const { plot } = this;
    if (!way) return plot.at(row);
    const share = Math.min(1, Math.max(0, (now - way.begun) / MOVE_MS));
    const eased = share < 0.5 ? 4 * share ** 3 : 1 - (-2 * share + 2) ** 3 / 2;
    return [plot.x(way.fromU + (plot.u[row] - way.fromU) * eased), plot.y(way.fromV + (plot.v[row] - way.fromV) * eased)];
  }

  ring(g, row, size, colour, width) {
    if (!this.plot.shown[row]) return;
    const [x, y] = this.place(row, performance.now());
    g.strokeStyle = this.look.card;
    g.lineWidth = width + 2.5;
    g.beginPath();
    g.arc(x, y, size, 0, 7);
    g.stroke();
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    g.arc(x, y, size, 0, 7);
    g.stroke();
  }
}
