// Pointing at, choosing and opening a customer on the field, by pointer and by keyboard; zooming and moving it.

const NEAR_PX = 14;
const DRAG_PX = 5;
const NARROWEST = 0.02;
const STEP = 1.35;

export class Choose {
  /** `acts`: `point(row, x, y)`, `choose(row)`, `open(row)`, `redraw()`. */
  constructor(canvas, plot, acts) {
    this.canvas = canvas;
    this.plot = plot;
    this.acts = acts;
    this.chosen = -1;
    this.drag = null;
    this.fingers = new Map();
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    canvas.addEventListener("pointerdown", (event) => this.pressed(event));
    canvas.addEventListener("pointerup", (event) => this.released(event));
    canvas.addEventListener("pointercancel", (event) => this.forget(event));
    canvas.addEventListener("pointerleave", () => acts.point(-1, 0, 0));
    canvas.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    canvas.addEventListener("click", (event) => this.clicked(event));
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener("keydown", (event) => this.typed(event));
  }

  /** The row nearest to a place on the canvas, -1 for none within reach. */
  nearest(x, y, within = NEAR_PX) {
    const { plot } = this;
    let best = within * within;
    let found = -1;
    for (let row = 0; row < plot.columns.count; row += 1) {
      if (!plot.shown[row]) continue;
      const dx = plot.x(plot.u[row]) - x;
      if (dx > within || dx < -within) continue;
      const dy = plot.y(plot.v[row]) - y;
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        found = row;
      }
    }
    return found;
  }

  moved(event) {
    const [x, y] = [event.offsetX, event.offsetY];
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, [x, y]);
    if (this.fingers.size === 2) return this.pinched();
    if (this.drag) {
      const [dx, dy] = [x - this.drag.x, y - this.drag.y];
      if (this.drag.far || Math.hypot(dx, dy) > DRAG_PX) {
        this.drag.far = true;
        this.pan(x - this.drag.lastX, y - this.drag.lastY);
      }
      [this.drag.lastX, this.drag.lastY] = [x, y];
      return undefined;
    }
    this.acts.point(this.nearest(x, y), x, y);
    return undefined;
  }

  pressed(event) {
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = [event.offsetX, event.offsetY];
    this.fingers.set(event.pointerId, [x, y]);
    this.drag = this.fingers.size === 1 ? { x, y, lastX: x, lastY: y, far: false } : null;
    this.pinch = null;
  }

  released(event) {
    // Opening waits for the click that follows: what opens under the finger would take that click itself.
    this.tap = this.drag && !this.drag.far ? event.pointerType : "";
    this.forget(event);
  }

  clicked(event) {
    if (!this.tap) return;
    const row = this.nearest(event.offsetX, event.offsetY, this.tap === "touch" ? NEAR_PX * 1.8 : NEAR_PX);
    this.choose(row);
    if (row >= 0) this.acts.open(row);
  }

  forget(event) {
    this.fingers.delete(event.pointerId);
    this.drag = null;
    this.pinch = null;
  }

  pinched() {
    const [[ax, ay], [bx, by]] = [...this.fingers.values()];
    const now = { x: (ax + bx) / 2, y: (ay + by) / 2, span: Math.hypot(ax - bx, ay - by) };
    if (this.pinch) {
      this.zoom(now.span / this.pinch.span, now.x, now.y);
      this.pan(now.x - this.pinch.x, now.y - this.pinch.y);
    }
    this.pinch = now;
  }

  wheeled(event) {
    if (!event.ctrlKey && !event.metaKey && !this.zoomed && event.deltaY > 0) return; // the page scrolls on
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * 0.002), event.offsetX, event.offsetY);
  }

  get zoomed() {
    const { x0, x1, y0, y1 } = this.plot.view;
    return x1 - x0 < 0.999 || y1 - y0 < 0.999;
  }

  zoom(factor, x, y) {
    const { view, inner } = this.plot;
    const sx = Math.min(1, Math.max(0, (x - inner.left) / inner.width));
    const sy = Math.min(1, Math.max(0, 1 - (y - inner.top) / inner.height));
    const width = Math.min(1, Math.max(NARROWEST, (view.x1 - view.x0) / factor));
    const height = Math.min(1, Math.max(NARROWEST, (view.y1 - view.y0) / factor));
    const atX = view.x0 + sx * (view.x1 - view.x0);
    const atY = view.y0 + sy * (view.y1 - view.y0);
    this.look(atX - sx * width, atY - sy * height, width, height);
  }

  pan(dx, dy) {
    const { view, inner } = this.plot;
    const width = view.x1 - view.x0;
    const height = view.y1 - view.y0;
    this.look(view.x0 - (dx / inner.width) * width, view.y0 + (dy / inner.height) * height, width, height);
  }

  look(x0, y0, width, height) {
    const left = Math.min(1 - width, Math.max(0, x0));
    const low = Math.min(1 - height, Math.max(0, y0));
    this.plot.view = { x0: left, x1: left + width, y0: low, y1: low + height };
    this.acts.point(-1, 0, 0);
    this.acts.redraw();
  }

  reset() {
    this.look(0, 0, 1, 1);
  }

  step(factor) {
    const { inner } = this.plot;
    const [x, y] = this.chosen >= 0 ? this.plot.at(this.chosen) : [inner.left + inner.width / 2, inner.top + inner.height / 2];
    this.zoom(factor, x, y);
  }

  choose(row) {
    this.chosen = row;
    this.acts.choose(row);
  }

  /** Chooses a customer found otherwise, and brings it into sight. */
  show(row) {
    const { view, u, v } = this.plot;
    const [width, height] = [view.x1 - view.x0, view.y1 - view.y0];
    const seen = u[row] > view.x0 && u[row] < view.x1 && v[row] > view.y0 && v[row] < view.y1;
    if (!seen) this.look(u[row] - width / 2, v[row] - height / 2, width, height);
    this.choose(row);
  }

  typed(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (ways[event.key]) this.walk(...ways[event.key]);
    else if (event.key === "Enter" && this.chosen >= 0) this.acts.open(this.chosen);
    else if (event.key === "+" || event.key === "=") this.step(STEP);
    else if (event.key === "-") this.step(1 / STEP);
    else if (event.key === "0") this.reset();
    else if (event.key === "Escape") this.choose(-1);
    else return;
    event.preventDefault();
  }

  /** Chooses the next customer in a direction: near, and not too far to the side. */
  walk(dx, dy) {
    const { plot } = this;
    const { left, top, width, height } = plot.inner;
    const [x, y] = this.chosen >= 0 && plot.shown[this.chosen] ? plot.at(this.chosen) : [left + width / 2, top + height / 2];
    let best = Infinity;
    let found = -1;
    for (let row = 0; row < plot.columns.count; row += 1) {
      if (!plot.shown[row] || row === this.chosen) continue;
      const [px, py] = plot.at(row);
      const ahead = (px - x) * dx + (py - y) * dy;
      if (ahead <= 0.01) continue;
      const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      const cost = ahead + aside * 2.5;
      if (cost < best) {
        best = cost;
        found = row;
      }
    }
    if (found >= 0) this.show(found);
  }
}
