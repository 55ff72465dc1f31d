// The field behind the points: washes of the four quarters, grid, thresholds and axes.

import { frame, number, t, value as valueText } from "../core/words.js";

/** What lies under the points. */
export function ground(g, plot, look) {
  washes(g, plot, look);
  grid(g, plot, look);
}

function washes(g, plot, look) {
  const { left, top, width, height } = plot.inner;
  const [cx, cy] = plot.cross;
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

function grid(g, plot, look) {
  const { left, top, width, height } = plot.inner;
  g.strokeStyle = look.line;
  g.lineWidth = 1;
  g.globalAlpha = 0.55;
  g.beginPath();
  for (const n of plot.scales.x.ticks) line(g, plot.x(plot.scales.x.place(n, 0.5)), top, 0, height);
  for (const n of plot.scales.y.ticks) line(g, left, plot.y(plot.scales.y.place(n, 0.5)), width, 0);
  g.stroke();
  g.globalAlpha = 1;
}

export function thresholds(g, plot, look) {
  const { left, top, width, height } = plot.inner;
  const [cx, cy] = plot.cross;
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
  if (frame.value.leave !== frame.value.enter) line(g, plot.x(plot.scales.x.place(frame.value.leave, 0.5)), top, 0, height);
  if (frame.potential.leave !== frame.potential.enter) line(g, left, plot.y(plot.scales.y.place(frame.potential.leave, 0.5)), width, 0);
  g.stroke();
  g.setLineDash([]);
  g.globalAlpha = 1;
}

export function axes(g, plot, look) {
  const { left, top, width, height } = plot.inner;
  g.fillStyle = look.soft;
  g.font = `11px ${getComputedStyle(plot.canvas).fontFamily}`;
  g.textBaseline = "top";
  g.textAlign = "center";
  const [cx, cy] = plot.cross;
  const bold = `650 11.5px ${getComputedStyle(plot.canvas).fontFamily}`;
  const plainFont = g.font;
  const enter = valueText(frame.value.enter);
  g.font = bold;
  const free = g.measureText(enter).width / 2 + 8;
  g.font = plainFont;
  let lastEnd = -Infinity;
  const labelled = [[0, t("matrix.zero_value")], ...plot.scales.x.ticks.map((n) => [n, valueText(n)])];
  for (const [n, text] of plot.scales.x.strip ? labelled : labelled.slice(1)) {
    const x = plot.x(plot.scales.x.place(n, 0.5));
    const half = g.measureText(text).width / 2;
    if (x - half < lastEnd + 8 || x < left - 1 || x > left + width || Math.abs(x - cx) < half + free) continue;
    g.fillText(text, Math.min(x, left + width - half), top + height + 6);
    lastEnd = x + half;
  }
  g.textAlign = "right";
  g.textBaseline = "middle";
  for (const n of [0, ...plot.scales.y.ticks]) {
    const y = plot.y(plot.scales.y.place(n, 0.5));
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
  g.font = `600 12px ${getComputedStyle(plot.canvas).fontFamily}`;
  g.fillText(`${t("matrix.value")} →`, left + width, top + height + 33);
  g.textAlign = "left";
  g.save();
  g.translate(11, top + height);
  g.rotate(-Math.PI / 2);
  g.fillText(`${t("matrix.potential")} →`, 0, 0);
  g.restore();
}

function line(g, x, y, w, h) {
  g.moveTo(Math.round(x) + (w ? 0 : 0.5), Math.round(y) + (h ? 0 : 0.5));
  g.lineTo(Math.round(x + w) + (w ? 0 : 0.5), Math.round(y + h) + (h ? 0 : 0.5));
}
