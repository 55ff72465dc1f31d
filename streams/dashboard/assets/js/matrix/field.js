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
  for (const n of plot.ticks("x")) line(g, plot.x(plot.scales.x.place(n, 0.5)), top, 0, height);
  for (const n of plot.ticks("y")) line(g, left, plot.y(plot.scales.y.place(n, 0.5)), width, 0);
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
  const family = getComputedStyle(plot.canvas).fontFamily;
  const fonts = { plain: `11px ${family}`, bold: `650 11.5px ${family}`, title: `600 12px ${family}` };
  across(g, plot, look, fonts);
  upwards(g, plot, look, fonts);
  titles(g, plot, look, fonts);
}

/** Ticks of the value axis, as many as have room beside the threshold. */
function across(g, plot, look, fonts) {
  const { left, top, width, height } = plot.inner;
  const [cx] = plot.cross;
  const enter = valueText(frame.value.enter);
  const y = top + height + 6;
  g.textAlign = "center";
  g.textBaseline = "top";
  g.fillStyle = look.ink;
  g.font = fonts.bold;
  const taken = g.measureText(enter).width / 2 + 8;
  if (cx > left && cx < left + width) g.fillText(enter, cx, y);
  g.fillStyle = look.soft;
  g.font = fonts.plain;
  let lastEnd = -Infinity;
  const labelled = plot.ticks("x").map((n) => [n, valueText(n)]);
  if (plot.scales.x.strip) labelled.unshift([0, t("matrix.zero_value")]);
  for (const [n, text] of labelled) {
    const x = plot.x(plot.scales.x.place(n, 0.5));
    const half = g.measureText(text).width / 2;
    const hasRoom = x - half >= lastEnd + 8 && Math.abs(x - cx) >= half + taken;
    if (!hasRoom || x < left - 1 || x > left + width) continue;
    g.fillText(text, Math.min(x, left + width - half), y);
    lastEnd = x + half;
  }
}

/** Ticks of the potential axis. */
function upwards(g, plot, look, fonts) {
  const { left, top, height } = plot.inner;
  const [, cy] = plot.cross;
  g.textAlign = "right";
  g.textBaseline = "middle";
  g.fillStyle = look.soft;
  g.font = fonts.plain;
  for (const n of [0, ...plot.ticks("y")]) {
    const y = plot.y(plot.scales.y.place(n, 0.5));
    if (y >= top - 1 && y <= top + height + 1 && Math.abs(y - cy) > 13) g.fillText(number(n), left - 7, y);
  }
  g.fillStyle = look.ink;
  g.font = fonts.bold;
  if (cy > top && cy < top + height) g.fillText(number(frame.potential.enter), left - 7, cy);
}

function titles(g, plot, look, fonts) {
  const { left, top, width, height } = plot.inner;
  g.fillStyle = look.ink;
  g.font = fonts.title;
  g.textBaseline = "alphabetic";
  g.textAlign = "right";
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
