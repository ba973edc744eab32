// What the page asks for, and what it asked for before.

// picture : its number among those that were opened
export const FRESH = { picture: null, mode: "draw", style: "mesh", options: {}, strokes: [], inverted: false };

export class State {
  // controls : what the server tells of styles and options; changed : called after every change
  constructor(controls, changed) {
    this.controls = controls;
    this.changed = changed;
    this.now = structuredClone(FRESH);
    this.past = [structuredClone(FRESH)];
    this.future = [];
  }

  // The options that there are in this mode and style.
  get options() {
    return this.now.mode === "draw" ? this.controls.styles[this.now.style] : this.controls.writing[this.now.mode];
  }

  option(name) {
    return this.options.find(option => option.name === name);
  }

  get(name) {
    return this.now.options[name] ?? this.option(name)?.default ?? null;
  }

  // Sets an option; null, or what is the default, takes it away. moving : more changes follow at once, as of a slider
  set(name, value, moving = false) {
    const options = { ...this.now.options };
    if (value === null || same(value, this.option(name)?.default)) delete options[name];
    else options[name] = value;
    if (name in options) for (const other of EITHER[name] ?? []) delete options[other];
    this.change({ options }, { name, moving });
  }

  change(what, about = {}) {
    Object.assign(this.now, what);
    if (!about.moving) this.keep();
    this.changed(about);
  }

  // Keeps what is now, to be undone.
  keep() {
    if (this.past.length && same(this.past.at(-1), this.now)) return;
    this.past.push(structuredClone(this.now));
    if (this.past.length > 200) this.past.shift();
    this.future = [];
  }

  undo() {
    if (this.past.length < 2) return;
    this.future.push(this.past.pop());
    this.restore();
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.future.pop());
    this.restore();
  }

  restore() {
    this.now = structuredClone(this.past.at(-1));
    this.changed({ all: true });
  }

  // For another picture: what is a part of the one before goes.
  opened(picture) {
    const options = { ...this.now.options };
    delete options.crop;
    this.now = { ...this.now, picture, options, strokes: [], inverted: false };
    if (this.past[0].picture === null) this.past = []; // before the first one there is nothing to go back to
    this.keep();
  }

  get masked() {
    return this.now.mode === "draw" && (this.now.strokes.length > 0 || this.now.inverted);
  }

  // What the server is asked for: options that this style does not have are kept here for others.
  told() {
    const { mode, style, options } = this.now;
    const has = new Set(this.options.map(option => option.name));
    const given = Object.fromEntries(Object.entries(options).filter(([name]) => has.has(name)));
    const pens = this.option("pen");
    if (Array.isArray(given.pen) && pens?.type !== "pens") delete given.pen;
    return { mode, style, options: given, masked: this.masked };
  }
}

// Options of which only one may be given.
const EITHER = { nodes: ["detail"], detail: ["nodes"], page: ["size"], size: ["page"] };

export function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
