// The controls, made of what the server tells of the options.


export const LABELS = {
  detail: "Density", threshold: "Threshold", offset: "More or less ink", block_size: "Surroundings", blur: "Blur",
  levels: "Levels", invert: "Negative", pen: "Pen", page: "Page", size: "Longer side", margin: "Margin",
  colours: "Colours", line: "One line through the dots", seed: "Seed", crop: "Crop", nodes: "Nodes", epochs: "Epochs",
  max_pixels: "Pixels at most", variant: "Variant", eps_b: "Step of the winner", eps_n: "Step of its neighbours",
  max_age: "Age of edges", lam: "Signals per node", retrace: "Draw some lines twice", strokes_only: "Lines only",
  hyphen: "A word with a hyphen",
};
// Parts of the panel and what is in them, in this order; anything else goes into the last one, which is closed.
const PARTS = [
  ["Tone", ["detail", "hyphen", "threshold", "offset", "block_size", "levels", "blur", "invert", "line", "colours", "seed"]],
  ["Page and pen", ["pen", "page", "size", "margin"]],
  ["Part of the picture", ["crop"]],
];
// What says what is ink: the page shows that while one of these moves.
export const ABOUT_INK = new Set(["threshold", "offset", "block_size", "levels", "blur", "invert", "crop", "max_pixels"]);
const LOCAL = ["local", "sauvola", "niblack"];

let last = 0;

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export class Controls {
  // complain : called with a line about what was typed
  constructor(place, state, complain) {
    Object.assign(this, { place, state, complain });
    this.shown = null;
    this.refreshers = [];
  }

  // Shows what the state is; controls are made anew only for another mode or style.
  refresh() {
    const { mode, style } = this.state.now;
    if (this.shown !== mode + style) {
      this.shown = mode + style;
      this.make();
    }
    for (const refresh of this.refreshers) refresh();
  }

  make() {
    this.refreshers = [];
    this.place.replaceChildren();
    const left = new Map(this.state.options.map(option => [option.name, option]));
    left.delete("mask");
    for (const [title, names] of PARTS) {
      const options = names.filter(name => left.has(name)).map(name => left.get(name));
      if (!options.length) continue;
      this.place.append(element("fieldset", {}, element("legend", {}, title), ...options.map(each => this.control(each))));
      for (const option of options) left.delete(option.name);
    }
    if (!left.size) return;
    const rest = [...left.values()].map(option => this.control(option));
    this.place.append(element("details", {}, element("summary", {}, "More"), ...rest));
  }

  control(option) {
    const make = {
      bool: this.toggle, word: this.choice, page: this.page, levels: this.levels, box: this.box,
      "float or word": this.threshold,
    }[option.type] ?? (option.name === "seed" ? this.seed : this.number);
    const control = make.call(this, option, LABELS[option.name] ?? option.name);
    control.dataset.option = option.name;
    control.title = option.help;
    this.refreshers.push(() => {
      const given = option.name in this.state.now.options;
      control.classList.toggle("changed", given);
      if (option.name === "block_size") control.hidden = !LOCAL.includes(this.state.get("threshold"));
      if (option.name === "size") control.hidden = this.state.get("page") !== null;
    });
    return control;
  }

  // ---- kinds of controls ----

  toggle(option, label) {
    const box = element("input", { type: "checkbox" });
    box.onchange = () => this.state.set(option.name, box.checked);
    this.refreshers.push(() => { box.checked = Boolean(this.state.get(option.name)); });
    return element("label", { className: "control switch" }, element("span", { className: "name" }, label), box);
  }

  choice(option, label) {
    const id = `c${++last}`;
    const select = element("select", { id }, ...option.choices.map(word => element("option", { value: word }, word)));
    select.onchange = () => this.state.set(option.name, select.value);
    this.refreshers.push(() => { select.value = this.state.get(option.name); });
    return this.framed(id, label, option, element("div", { className: "value whole" }, select));
  }

  // A slider and a field for the same number; of pens the field takes several.
  number(option, label) {
    const id = `c${++last}`;
    const scale = scaleOf(option);
    const slider = element("input", { type: "range", id, min: 0, max: scale.steps, step: 1 });
    const field = element("input", { type: "text", inputMode: "decimal", ariaLabel: `${label}, exactly` });
    const several = option.type === "pens";
    if (several) field.title = "several pens with commas, as 0.2, 0.4, 0.8";
    slider.oninput = () => this.state.set(option.name, scale.at(Number(slider.value)), true);
    slider.onchange = () => this.state.keep();
    const neutral = option.name === "detail" ? 1 : null;
    const written = () => {
      const value = this.state.get(option.name) ?? neutral;
      return value === null ? "" : [value].flat().join(", ");
    };
    field.onchange = () => {
      const typed = field.value.trim(), numbers = numbersOf(typed, several);
      if (numbers) this.state.set(option.name, numbers.length > 1 ? numbers : numbers[0] ?? null);
      else this.complain(`${label} must be ${several ? "numbers" : "a number"}, got ${typed}`);
      field.value = written();
    };
    this.refreshers.push(() => {
      const value = this.state.get(option.name) ?? neutral;
      const first = Array.isArray(value) ? value[0] : value;
      slider.value = scale.of(first ?? guess(option));
      slider.setAttribute("aria-valuetext", value === null ? (option.none || "what suits") : spoken(value, option.unit));
      if (document.activeElement !== field) field.value = written();
      field.placeholder = "auto";
    });
    const value = element("div", { className: "value" }, slider, field);
    return this.framed(id, label, option, value, option.optional && neutral === null);
  }

  seed(option, label) {
    const id = `c${++last}`;
    const field = element("input", { type: "number", id, min: 0, step: 1 });
    const largest = this.state.controls.largest_seed;
    field.max = largest;
    field.onchange = () => {
      const seed = Math.trunc(Number(field.value)); // what is no number is "" to such a field
      if (field.value !== "" && seed >= 0 && seed <= largest) this.state.set("seed", seed);
      else if (field.value === "" && !field.validity.badInput) this.state.set("seed", null);
      else this.complain(`${label} must be a whole number from 0 to ${largest}, got ${field.value || "something else"}`);
      field.value = this.state.get("seed");
    };
    const dice = element("button", { type: "button", id: "dice", title: "Another seed (R)" }, "Another");
    dice.onclick = () => this.state.set("seed", Math.floor(Math.random() * 10000));
    this.refreshers.push(() => { field.value = this.state.get("seed"); });
    return this.framed(id, label, option, element("div", { className: "value seed" }, field, dice));
  }

  threshold(option, label) {
    const id = `c${++last}`;
    const words = [...option.choices, "a number"].map(word => element("option", { value: word }, word));
    const select = element("select", { id }, ...words);
    const slider = element("input", { type: "range", min: 0, max: 1, step: 0.01, ariaLabel: "Threshold, as a number" });
    select.onchange = () => this.state.set(option.name, select.value === "a number" ? 0.5 : select.value);
    slider.oninput = () => this.state.set(option.name, Number(slider.value), true);
    slider.onchange = () => this.state.keep();
    const value = element("div", { className: "value two" }, select, slider);
    this.refreshers.push(() => {
      const now = this.state.get(option.name), numeric = typeof now === "number";
      select.value = numeric ? "a number" : now;
      slider.hidden = !numeric;
      value.classList.toggle("whole", !numeric);
      if (numeric) slider.value = now;
    });
    return this.framed(id, label, option, value);
  }

  levels(option, label) {
    const [paper, ink] = ["paper", "ink"].map((name, i) => element("input", {
      type: "range", min: 0, max: 1, step: 0.01, value: i, ariaLabel: `Darkness that is ${i ? "solid ink" : "bare paper"}`,
    }));
    const move = moved => {
      let low = Number(paper.value), high = Number(ink.value);
      if (high - low < 0.01) [low, high] = moved === paper ? [Math.min(low, 0.99), Math.min(low, 0.99) + 0.01] : [Math.max(high, 0.01) - 0.01, Math.max(high, 0.01)];
      this.state.set(option.name, [low, high].map(value => Number(value.toFixed(2))), true);
    };
    for (const slider of [paper, ink]) {
      slider.oninput = () => move(slider);
      slider.onchange = () => this.state.keep();
    }
    this.refreshers.push(() => {
      const [low, high] = this.state.get(option.name) ?? [0, 1];
      paper.value = low;
      ink.value = high;
    });
    const group = this.framed(null, label, option, element("div", { className: "value two" }, paper, ink), true);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    return group;
  }

  page(option, label) {
    const id = `c${++last}`;
    const own = "another size";
    const names = ["as the picture", ...option.choices, own];
    const select = element("select", { id }, ...names.map(name => element("option", { value: name }, name)));
    const turn = element("select", { ariaLabel: "How the page lies" },
      ...["turned to suit", "landscape", "portrait"].map(name => element("option", { value: name }, name)));
    const size = element("input", { type: "text", ariaLabel: "Width x height in mm", placeholder: "200x300" });
    const put = () => {
      const turned = turn.value === "turned to suit" ? "" : `-${turn.value}`;
      if (select.value === names[0]) this.state.set("page", null);
      else if (select.value === own) this.state.set("page", size.value || "200x200");
      else this.state.set("page", select.value + turned);
    };
    select.onchange = turn.onchange = size.onchange = put;
    const value = element("div", { className: "value two" }, select, turn, size);
    this.refreshers.push(() => {
      const [name, turned] = (this.state.get("page") ?? names[0]).split(/-(?=landscape|portrait)/);
      select.value = names.includes(name) ? name : own;
      turn.value = turned ?? "turned to suit";
      turn.hidden = !option.choices.includes(select.value);
      size.hidden = select.value !== own;
      if (!size.hidden && document.activeElement !== size) size.value = name;
      value.classList.toggle("whole", turn.hidden && size.hidden);
    });
    return this.framed(id, label, option, value);
  }

  // The numbers of the crop, which may also be dragged.
  box(option, label) {
    const names = ["left", "top", "width", "height"];
    const fields = names.map(name => element("input", { type: "number", min: 0, step: 1, name }));
    const put = () => {
      const numbers = fields.map(field => (field.value === "" ? null : Math.trunc(Number(field.value))));
      if (numbers.every(number => number !== null)) this.state.set(option.name, numbers);
    };
    for (const field of fields) field.onchange = put;
    this.refreshers.push(() => {
      const now = this.state.get(option.name);
      fields.forEach((field, i) => { if (document.activeElement !== field) field.value = now ? now[i] : ""; });
    });
    const value = element("div", { className: "value four" },
      ...fields.map((field, i) => element("label", {}, names[i], field)));
    const group = this.framed(null, label, option, value, true, "all of it");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    return group;
  }

  // A control with its label; automatic : a box to tick leaves the value to the program
  framed(id, label, option, value, automatic = false, words = "auto") {
    const unit = option.unit && !["nodes", "epochs", "colours", "signals"].includes(option.unit) && option.type !== "box"
      ? element("span", { className: "unit" }, ` ${option.unit}`) : "";
    const name = id ? element("label", { className: "name", htmlFor: id }, label, unit)
      : element("span", { className: "name" }, label, unit);
    const control = element("div", { className: "control" }, name);
    if (automatic && option.optional) {
      const box = element("input", { type: "checkbox" });
      box.onchange = () => this.state.set(option.name, box.checked ? null : start(option, this.state));
      box.title = option.none ? `${option.none}` : "";
      this.refreshers.push(() => {
        box.checked = this.state.get(option.name) === null;
        // what cannot be said without a value, as a crop of nothing, is not taken away by the box
        box.disabled = box.checked && option.type === "box";
      });
      control.append(element("label", { className: "auto" }, box, words));
    }
    control.append(value);
    return control;
  }
}

// The numbers that were typed; null if there is anything else. several : they may be more than one, with commas
function numbersOf(typed, several) {
  // elsewhere a comma is the decimal one of many languages
  const numbers = (several ? typed.split(/[,;\s]+/) : [typed.replace(",", ".")]).filter(Boolean).map(Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}

// What an option begins with that was left to the program.
function start(option, state) {
  if (option.type === "levels") return [0.1, 0.9];
  if (option.type === "box") return state.get("crop");
  return guess(option);
}

function guess(option) {
  if (option.name === "pen") return 0.3;
  if (option.name === "offset") return 0;
  return option.default ?? option.usual?.[0] ?? 0;
}

// The values that a slider steps through: evenly, or by factors over a wide range, and each only once.
function scaleOf(option) {
  const [low, high] = option.usual ?? [0, 100];
  const whole = option.type === "int";
  let values;
  if (low > 0 && high / low >= 20 && (!whole || (high > 100 && option.step === 1))) {
    const round = value => Number(value.toPrecision(value < 1 || !whole ? 2 : 3));
    values = Array.from({ length: 201 }, (_, i) => round(low * (high / low) ** (i / 200)));
    if (whole) values = values.map(Math.round);
  } else {
    const step = option.step || (whole ? 1 : Number(((high - low) / 100).toPrecision(1)));
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    values = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => Number((low + i * step).toFixed(decimals)));
  }
  values = [...new Set(values)];
  const of = value => {
    const next = values.findIndex(each => each >= value);
    if (next < 0) return values.length - 1;
    return next > 0 && value - values[next - 1] < values[next] - value ? next - 1 : next;
  };
  return { steps: values.length - 1, at: i => values[i], of };
}

function spoken(value, unit = "") {
  return `${[value].flat().join(", ")} ${unit}`.trim();
}


