// The points themselves: shapes where there is room, density where they would lie upon each other.

const CELL = 3; // css pixels of one cell of the density

export function shapes(g, plot, look, rows) {
  const size = rows.length > 1200 ? 3 : rows.length > 300 ? 3.9 : 4.8;
  g.lineWidth = 1;
  for (const segment of [3, 2, 0, 1]) {
    g.fillStyle = look.segments[segment];
    g.strokeStyle = segment === 3 ? look.segments[3] : look.card;
    g.globalAlpha = segment === 3 ? 0.75 : 0.86;
    for (const row of rows) if (plot.columns.segment[row] === segment) shape(g, segment, ...plot.at(row), size);
  }
  g.globalAlpha = 1;
}

/** One cell of `CELL` pixels is as strong as the logarithm of the customers in it, in the colour of most of them. */
export function density(g, plot, look, rows) {
  const { left, top, width, height } = plot.inner;
  const across = Math.ceil(width / CELL);
  const down = Math.ceil(height / CELL);
  const counts = new Uint16Array(across * down * 4);
  let most = 1;
  for (const row of rows) {
    const [x, y] = plot.at(row);
    const cx = Math.min(across - 1, Math.max(0, Math.floor((x - left) / CELL)));
    const cy = Math.min(down - 1, Math.max(0, Math.floor((y - top) / CELL)));
    const cell = (cy * across + cx) * 4 + plot.columns.segment[row];
    counts[cell] += 1;
    if (counts[cell] > most) most = counts[cell];
  }
  plot.offscreen.width = across;
  plot.offscreen.height = down;
  const small = plot.offscreen.getContext("2d");
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
  g.drawImage(plot.offscreen, left, top, across * CELL, down * CELL);
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
