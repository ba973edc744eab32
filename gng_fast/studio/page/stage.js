// The desk with the page on it: picture, ink, growing network and drawing, which can be moved and enlarged.

export class Stage {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.view = "drawing";
    this.compare = 0;
    this.clear();
    this.transforms = {};
    this.overlay = null; // draws tools over the picture, in its pixels
    this.waiting = false;
    new ResizeObserver(() => this.redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
  }

  clear() {
    this.picture = null; // { bitmap, width, height }
    this.placed = null; // { page, box } of the cropped picture, in mm
    this.ink = null;
    this.growth = null;
    this.drawing = null;
    this.crop = null;
    this.inkFirst = false; // whether the ink is shown until there is something newer
  }

  // ---- where things are ----

  // Pictures are shown in their own pixels, pages in mm.
  get scene() {
    return this.view === "picture" ? "picture" : "page";
  }

  get size() {
    if (this.scene === "picture") return this.picture ? [this.picture.width, this.picture.height] : [1, 1];
    return this.shown?.page ?? this.placed?.page ?? [1, 1];
  }

  get shown() {
    return this.growth ?? this.drawing;
  }

  get transform() {
    const [width, height] = this.size;
    const kept = this.transforms[this.scene];
    const { clientWidth, clientHeight } = this.canvas;
    const fit = Math.max(0.01, Math.min((clientWidth - 48) / width, (clientHeight - 32) / height));
    const zoom = kept?.zoom ?? 1, [x, y] = kept?.centre ?? [0.5, 0.5];
    const scale = fit * zoom;
    return { scale, x: clientWidth / 2 - x * width * scale, y: clientHeight / 2 - y * height * scale };
  }

  // A point of the canvas in the units of the scene.
  at(event) {
    const { scale, x, y } = this.transform, rect = this.canvas.getBoundingClientRect();
    return [(event.clientX - rect.left - x) / scale, (event.clientY - rect.top - y) / scale];
  }

  // Enlarges around a point of the canvas, by default its middle.
  zoom(factor, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2) {
    const before = this.transform, [width, height] = this.size;
    const kept = this.transforms[this.scene] ?? { zoom: 1, centre: [0.5, 0.5] };
    const zoom = Math.min(60, Math.max(0.2, kept.zoom * factor)), scale = before.scale * zoom / kept.zoom;
    const [mx, my] = [(px - before.x) / before.scale, (py - before.y) / before.scale];
    const { clientWidth, clientHeight } = this.canvas;
    const centre = [(mx + (clientWidth / 2 - px) / scale) / width, (my + (clientHeight / 2 - py) / scale) / height];
    this.transforms[this.scene] = { zoom, centre };
    this.redraw();
  }

  move(dx, dy) {
    const { scale } = this.transform, [width, height] = this.size;
    const kept = this.transforms[this.scene] ?? { zoom: 1, centre: [0.5, 0.5] };
    const centre = [kept.centre[0] - dx / scale / width, kept.centre[1] - dy / scale / height];
    this.transforms[this.scene] = { ...kept, centre };
    this.redraw();
  }

  // Moves a point of the scene into what is seen of it.
  reveal([px, py]) {
    const { scale, x, y } = this.transform, { clientWidth, clientHeight } = this.canvas;
    const over = (at, end) => (at < 20 ? 20 - at : at > end - 20 ? end - 20 - at : 0);
    const [dx, dy] = [over(px * scale + x, clientWidth), over(py * scale + y, clientHeight)];
    if (dx || dy) this.move(dx, dy);
  }

  fit() {
    delete this.transforms[this.scene];
    this.redraw();
  }

  // ---- drawing it ----

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.paint();
    });
  }

  paint() {
    const { canvas, pen } = this, dots = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * dots), height = Math.round(canvas.clientHeight * dots);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (!this.picture) return;
    const { scale, x, y } = this.transform;
    pen.setTransform(scale * dots, 0, 0, scale * dots, x * dots, y * dots);
    pen.imageSmoothingQuality = "high";
    if (this.scene === "picture") this.paintPicture();
    else this.paintPage();
  }

  paintPicture() {
    const { pen, picture } = this;
    this.paper(this.size, "#ffffff");
    pen.drawImage(picture.bitmap, 0, 0, picture.width, picture.height);
    this.overlay?.(pen, this.transform.scale);
  }

  paintPage() {
    const { pen } = this, [width, height] = this.size, shown = this.shown;
    const inkOnly = this.view === "ink" || (this.inkFirst && this.ink) || !shown;
    this.paper(this.size, inkOnly ? "#ffffff" : shown.background ?? "#ffffff");
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, width, height);
    pen.clip();
    if (inkOnly) {
      if (this.ink && this.placed) pen.drawImage(this.ink, ...this.placed.box);
    } else {
      paintDrawing(pen, shown);
    }
    if (this.compare > 0 && this.placed) this.paintComparison(width, height);
    pen.restore();
  }

  // The picture over the left part of the page.
  paintComparison(width, height) {
    const { pen, picture } = this, edge = width * this.compare / 100;
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, edge, height);
    pen.clip();
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, edge, height);
    const factor = picture.bitmap.width / picture.width;
    const part = this.crop ?? [0, 0, picture.width, picture.height];
    pen.drawImage(picture.bitmap, ...part.map(side => side * factor), ...this.placed.box);
    pen.restore();
    if (this.compare < 100) {
      pen.strokeStyle = "#2f6fc0";
      pen.lineWidth = 2 / this.transform.scale;
      pen.beginPath();
      pen.moveTo(edge, 0);
      pen.lineTo(edge, height);
      pen.stroke();
    }
  }

  paper([width, height], colour) {
    const { pen } = this;
    pen.save();
    pen.shadowColor = "#0005";
    pen.shadowBlur = 14 * (devicePixelRatio || 1);
    pen.shadowOffsetY = 3;
    pen.fillStyle = colour;
    pen.fillRect(0, 0, width, height);
    pen.restore();
  }
}

// ---- what the server tells, made ready for drawing ----

// A drawing, or what has grown of it.
export function drawingOf(facts, data, offset) {
  const take = (Type, count) => {
    const found = new Type(data, offset, count);
    offset += 4 * count;
    return found;
  };
  const paths = ({ lines, points }, each) => {
    if (!lines) return;
    const lengths = take(Uint32Array, lines), places = take(Float32Array, 2 * points);
    let at = 0;
    for (const length of lengths) {
      each(places.subarray(2 * at, 2 * (at + length)));
      at += length;
    }
  };
  const areas = [];
  paths(facts.areas, places => areas.push({ path: along(new Path2D(), places, true), colour: facts.areas.colours[areas.length] }));
  const layers = facts.layers.map(layer => {
    const path = new Path2D();
    paths(layer, places => along(path, places, false));
    return { path, colour: layer.colour, pen: layer.pen, label: layer.label };
  });
  return { page: facts.page, background: facts.background, areas, layers };
}

function along(path, places, closed) {
  path.moveTo(places[0], places[1]);
  for (let i = 2; i < places.length; i += 2) path.lineTo(places[i], places[i + 1]);
  if (closed) path.closePath();
  return path;
}

function paintDrawing(pen, drawing) {
  pen.lineCap = pen.lineJoin = "round";
  for (const area of drawing.areas) {
    // a hairline of the same colour, as browsers leave one of paper between areas that only touch
    pen.fillStyle = pen.strokeStyle = area.colour;
    pen.lineWidth = 0.1;
    pen.fill(area.path);
    pen.stroke(area.path);
  }
  for (const layer of drawing.layers) {
    pen.strokeStyle = layer.colour;
    pen.lineWidth = layer.pen;
    pen.stroke(layer.path);
  }
}
