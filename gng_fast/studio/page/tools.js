// Crop and mask: what is dragged and painted on the picture.

import { element } from "./controls.js";

// The longer side of a mask in pixels.
const MASK_SIDE = 1200;
const TINT = "#d9363e";

export class Tools {
  // place : where the settings of a tool are; masked : called when the mask is another
  constructor(stage, state, place, buttons, masked) {
    Object.assign(this, { stage, state, place, buttons, masked });
    this.tool = null;
    this.brush = 8; // percent of the longer side
    this.brings = false; // whether the brush brings back what was left out
    this.drag = null;
    this.mask = null;
    buttons.crop.onclick = () => this.choose("crop");
    buttons.mask.onclick = () => this.choose("mask");
    stage.overlay = (pen, scale) => this.paint(pen, scale);
  }

  // Takes a tool, or puts it away if it is taken already.
  choose(tool) {
    this.tool = this.tool === tool ? null : tool;
    for (const [name, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", name === this.tool);
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
    const size = element("input", { type: "range", min: 1, max: 30, value: this.brush, id: "brush" });
    size.oninput = () => { this.brush = Number(size.value); };
    const brings = element("input", { type: "checkbox", checked: this.brings, id: "brings" });
    brings.onchange = () => { this.brings = brings.checked; };
    const invert = element("button", { type: "button", id: "mask-invert" }, "The other way round");
    invert.onclick = () => this.put({ inverted: !this.state.now.inverted });
    const clear = element("button", { type: "button", id: "mask-clear" }, "No mask");
    clear.onclick = () => this.put({ strokes: [], inverted: false });
    return ["Paint what is left out.", element("label", {}, "Brush", size),
      element("label", {}, brings, "bring back"), invert, clear, this.done()];
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
    if (this.tool === "crop") {
      this.drag = { from: point, to: point };
    } else {
      const { width, height } = this.stage.picture;
      const radius = this.brush / 200 * Math.max(width, height);
      this.drag = { stroke: { radius, brings: this.brings !== this.state.now.inverted, points: [point.map(Math.round)] } };
    }
    return true;
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
    if (this.tool === "crop") {
      const box = this.box(drag);
      if (box[2] > 3 && box[3] > 3) this.state.set("crop", box);
    } else {
      this.put({ strokes: [...this.state.now.strokes, drag.stroke] });
    }
    this.stage.redraw();
    return true;
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
