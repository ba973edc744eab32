// Crop and mask: what is dragged and painted on the picture.

import { element } from "./controls.js";

// The longer side of a mask in pixels.
const MASK_SIDE = 1200;
const TINT = "#d9363e";
// The brush, in percent of the longer side: its least and largest width, and how far an arrow key moves it.
const THIN = 1, WIDE = 30, STEP = 2;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Tools {
  // place : where the settings of a tool are; masked : called when the mask is another
  constructor(stage, state, place, buttons, masked) {
    Object.assign(this, { stage, state, place, buttons, masked });
    this.tool = null;
    this.brush = 8; // percent of the longer side
    this.brings = false; // whether the brush brings back what was left out
    this.drag = null;
    this.cursor = null; // where the keyboard has the brush, in pixels of the picture
    buttons.crop.onclick = () => this.choose("crop");
    buttons.mask.onclick = () => this.choose("mask");
    stage.overlay = (pen, scale) => this.paint(pen, scale);
  }

  // Takes a tool, or puts it away if it is taken already.
  choose(tool) {
    this.tool = this.tool === tool ? null : tool;
    for (const [name, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", name === this.tool);
    this.drag = null;
    this.cursor = null;
    this.stage.canvas.classList.toggle("tool", this.tool !== null);
    this.place.hidden = this.tool === null;
    this.place.replaceChildren(...(this.tool === "crop" ? this.cropSettings() : this.tool === "mask" ? this.maskSettings() : []));
    this.chosen?.(this.tool);
    this.stage.redraw();
  }

  cropSettings() {
    const whole = element("button", { type: "button" }, "The whole picture");
    whole.onclick = () => this.state.set("crop", null);
    return ["Drag over the part that is drawn.", whole, this.done()];
  }

  maskSettings() {
    const size = element("input", { type: "range", min: THIN, max: WIDE, value: this.brush, id: "brush" });
    size.oninput = () => this.resize(Number(size.value));
    const brings = element("input", { type: "checkbox", checked: this.brings, id: "brings" });
    brings.onchange = () => { this.brings = brings.checked; };
    const invert = element("button", { type: "button", id: "mask-invert" }, "The other way round");
    invert.onclick = () => this.put({ inverted: !this.state.now.inverted });
    const clear = element("button", { type: "button", id: "mask-clear" }, "No mask");
    clear.onclick = () => this.put({ strokes: [], inverted: false });
    const keys = element("span", { className: "quiet" }, "Keys on the picture: arrows move the brush, with Shift a little; ",
      "Space paints while it is held, Enter begins and ends; + and − are the size.");
    return ["Paint what is left out.", element("label", {}, "Brush", size),
      element("label", {}, brings, "bring back"), invert, clear, this.done(), keys];
  }

  done() {
    const done = element("button", { type: "button", className: "first" }, "Done");
    done.onclick = () => this.choose(this.tool);
    return done;
  }

  put(what) {
    this.state.change(what, { name: "mask" });
    this.masked();
  }

  // ---- dragging: each returns whether the tool takes it ----

  down(event) {
    if (!this.tool || this.stage.view !== "picture" || !this.stage.picture) return false;
    const point = this.stage.at(event);
    this.cursor = null;
    if (this.tool === "crop") this.drag = { from: point, to: point };
    else this.begin(point);
    return true;
  }

  get longer() {
    return Math.max(this.stage.picture.width, this.stage.picture.height);
  }

  // Puts the brush down.
  begin(point) {
    const radius = this.brush / 200 * this.longer;
    this.drag = { stroke: { radius, brings: this.brings !== this.state.now.inverted, points: [point.map(Math.round)] } };
  }

  moved(event) {
    if (!this.drag) return false;
    const point = this.stage.at(event);
    if (this.tool === "crop") this.drag.to = point;
    else {
      const last = this.drag.stroke.points.at(-1);
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) > this.drag.stroke.radius / 8) {
        this.drag.stroke.points.push(point.map(Math.round));
      }
    }
    this.stage.redraw();
    return true;
  }

  up() {
    if (!this.drag) return false;
    const drag = this.drag;
    this.drag = null;
    if (drag.stroke && this.cursor) this.tell("painted, ");
    if (this.tool === "crop") {
      const box = this.box(drag);
      if (box[2] > 3 && box[3] > 3) this.state.set("crop", box);
    } else {
      this.put({ strokes: [...this.state.now.strokes, drag.stroke] });
    }
    this.stage.redraw();
    return true;
  }

  // ---- the brush by keys ----

  // Does what a key on the picture asks for, and returns whether it is one of the brush.
  key({ key, shiftKey, repeat }) {
    if (this.tool !== "mask" || this.stage.view !== "picture" || !this.stage.picture) return false;
    if (key in ARROWS) this.step(ARROWS[key], shiftKey ? STEP / 8 : STEP);
    else if (key === "+" || key === "=") this.resize(this.brush + 1);
    else if (key === "-") this.resize(this.brush - 1);
    else if (key === " " || key === "Enter") {
      if (!repeat) this.press(key === "Enter");
    } else return false;
    return true;
  }

  // Space is let go: what was painted is kept.
  released({ key }) {
    if (key === " " && this.drag?.held) this.up();
  }

  press(toggles) {
    if (toggles && this.drag?.stroke) return this.up();
    if (this.drag) return;
    this.cursor ??= this.middle;
    this.begin(this.cursor);
    this.drag.held = !toggles;
    this.tell("painting, ");
    this.stage.redraw();
  }

  get middle() {
    const { width, height } = this.stage.picture;
    return [width / 2, height / 2];
  }

  // Moves the brush so many percent; while it is down it paints.
  step([dx, dy], percent) {
    const { width, height } = this.stage.picture, [x, y] = this.cursor ?? this.middle, way = percent / 100 * this.longer;
    this.cursor = [Math.min(width, Math.max(0, x + dx * way)), Math.min(height, Math.max(0, y + dy * way))];
    this.drag?.stroke?.points.push(this.cursor.map(Math.round));
    this.stage.reveal(this.cursor);
    this.tell();
    this.stage.redraw();
  }

  resize(size) {
    this.brush = Math.min(WIDE, Math.max(THIN, size));
    const slider = document.getElementById("brush");
    slider.value = this.brush;
    this.say?.(`brush of ${this.brush} %`);
    this.stage.redraw();
  }

  // Says where the brush is.
  tell(what = this.drag ? "painting, " : "") {
    const { width, height } = this.stage.picture, [x, y] = this.cursor;
    this.say?.(`${what}${Math.round(100 * x / width)} % from the left, ${Math.round(100 * y / height)} % from the top`);
  }

  // What is dragged over, in whole pixels within the picture.
  box({ from, to }) {
    const { width, height } = this.stage.picture;
    const clip = ([x, y]) => [Math.min(width, Math.max(0, Math.round(x))), Math.min(height, Math.max(0, Math.round(y)))];
    const [a, b] = [clip(from), clip(to)];
    return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
  }

  // ---- showing them ----

  paint(pen, scale) {
    const { width, height } = this.stage.picture;
    if (this.tool === "mask" || this.state.masked) {
      const mask = this.painted(this.drag?.stroke);
      pen.save();
      pen.globalAlpha = 0.55;
      pen.drawImage(mask, 0, 0, width, height);
      pen.restore();
    }
    if (this.tool === "mask" && this.cursor) this.paintCursor(pen, scale);
    const box = this.drag?.from ? this.box(this.drag) : this.state.get("crop");
    if (!box) return;
    pen.save();
    pen.fillStyle = "#0009";
    pen.beginPath();
    pen.rect(0, 0, width, height);
    pen.rect(box[0], box[1] + box[3], box[2], -box[3]);
    pen.fill("evenodd");
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 1.5 / scale;
    pen.strokeRect(...box);
    pen.restore();
  }

  // The brush where the keyboard has it: a ring, white in black, that is seen on any picture.
  paintCursor(pen, scale) {
    const radius = Math.max(3 / scale, this.brush / 200 * this.longer);
    for (const [colour, width] of [["#000000", 4], ["#ffffff", 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width / scale;
      pen.beginPath();
      pen.arc(...this.cursor, radius, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  // A canvas that is opaque, in a colour, where the picture is left out. extra : a stroke that is not ended
  painted(extra, colour = TINT) {
    const { width, height } = this.stage.picture, { strokes, inverted } = this.state.now;
    const scale = Math.min(1, MASK_SIDE / Math.max(width, height));
    const canvas = element("canvas", { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = pen.strokeStyle = colour;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of extra ? [...strokes, extra] : strokes) {
      pen.globalCompositeOperation = stroke.brings ? "destination-out" : "source-over";
      pen.lineWidth = 2 * stroke.radius * scale;
      pen.beginPath();
      const [first, ...others] = stroke.points.map(([x, y]) => [x * scale, y * scale]);
      pen.moveTo(...first);
      pen.lineTo(first[0] + 0.01, first[1]);
      for (const point of others) pen.lineTo(...point);
      pen.stroke();
    }
    if (inverted) {
      pen.globalCompositeOperation = "xor";
      pen.fillRect(0, 0, canvas.width, canvas.height);
    }
    return canvas;
  }

  // The mask as a file: white is drawn, black is not.
  file() {
    const black = this.painted(null, "#000000");
    const pen = black.getContext("2d");
    pen.globalCompositeOperation = "destination-over";
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, black.width, black.height);
    return new Promise(done => { black.toBlob(done, "image/png"); });
  }
}
