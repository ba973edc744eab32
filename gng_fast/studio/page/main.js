// The page: what is done with it goes to the server, and what comes back is shown.

import { Connection, controlsOfServer } from "./connection.js";
import { ABOUT_INK, Controls, LABELS, element } from "./controls.js";
import { downloads, incoming, save } from "./files.js";
import { Stage, drawingOf } from "./stage.js";
import { FRESH, State } from "./state.js";
import { Tools } from "./tools.js";

const $ = id => document.getElementById(id);
// The drawing begins when nothing has changed for so many milliseconds.
const REST = 250;

const told = await controlsOfServer();
const line = new Connection(heard, gone, back);
const stage = new Stage($("canvas"));
const state = new State(told, changed);
const controls = new Controls($("controls"), state, message => say(message, true));
const tools = new Tools(stage, state, $("tool"), { crop: $("crop"), mask: $("mask") }, sendMask);
const switchDownloads = downloads($("downloads"), fetchFile);
const sources = []; // what was opened: Files, or numbers or names of pictures that the server knows
let loaded = null; // which of them is shown
let opening = null; // which is on its way: { number, fresh, serial, stop }
let drawn = false; // whether there is the drawing of the newest settings
let name = "";
let result = "No picture yet"; // what is drawn, in words
let serial = 0; // of the newest settings
let resting = 0;
let inkAsked = false, inkAgain = false;
let begun = 0; // when the newest settings were sent

// ---- what the server tells ----

async function heard(facts, data, offset) {
  const bytes = () => new Blob([new Uint8Array(data, offset)]);
  if (facts.kind === "picture") await pictureCame(facts, await createImageBitmap(bytes()));
  else if (facts.kind === "thumbnail") showThumbnail(facts.style, bytes());
  else if (facts.kind === "mask") ask("drawing");
  else if (facts.kind === "ink") await inkCame(facts, bytes());
  else if (facts.kind === "failed") fail(facts);
  else if (facts.kind === "warning" && facts.serial === serial) say(facts.message);
  else if (facts.kind === "progress") showProgress(facts);
  else if (facts.kind === "stopped") performance.mark("stopped", { detail: facts.milliseconds });
  else if (facts.serial !== serial) return; // of settings that are old
  else if (facts.kind === "frame") frameCame(facts, data, offset);
  else if (facts.kind === "drawing") drawingCame(facts, data, offset);
}

async function pictureCame({ serial: which, name: called, width, height }, bitmap) {
  if (which !== opening?.serial) return; // another one was asked for since
  const { number, fresh } = opening;
  opening = null;
  name = called;
  if (number !== loaded) {
    stage.clear();
    stage.transforms = {};
    showNothing();
    for (const old of document.querySelectorAll("#styles img")) old.hidden = true;
  }
  loaded = number;
  if (fresh) state.opened(number);
  stage.picture = { bitmap, width, height };
  $("drop").hidden = true;
  document.title = `${name} – gng_fast studio`;
  say("");
  refresh();
  sendMask();
  askThumbnails();
}

async function inkCame(facts, blob) {
  const bitmap = await createImageBitmap(blob);
  inkAsked = false;
  if (facts.serial === serial || !stage.ink) {
    stage.ink = bitmap;
    stage.placed = facts;
    performance.measure("ink", { start: begun });
    stage.redraw();
  }
  if (inkAgain) {
    inkAgain = false;
    ask("ink");
  }
}

function frameCame(facts, data, offset) {
  performance.measure(stage.growth ? "frame" : "first frame", { start: begun });
  stage.growth = drawingOf(facts, data, offset);
  stage.inkFirst = false;
  $("status").textContent = `${facts.nodes} nodes`;
  stage.redraw();
}

function drawingCame(message, data, offset) {
  drawn = true;
  stage.growth = null;
  stage.drawing = drawingOf(message, data, offset);
  stage.inkFirst = false;
  stage.redraw();
  busy(false);
  $("status").textContent = `drawn in ${message.seconds.toFixed(2)} s`;
  showResult(message);
  performance.measure("drawing", { start: begun });
}

function fail({ serial: which, message }) {
  inkAsked = false;
  if (opening && which === opening.serial) return notOpened(message);
  if (which >= 0 && which < serial && stage.picture) return;
  busy(false);
  say(message, true);
  $("status").textContent = "";
  stage.growth = stage.drawing = null;
  stage.redraw();
  showNothing();
}

// A picture cannot be opened: the one before stays, and what was stopped for the new one goes on.
function notOpened(message) {
  opening = null;
  busy(false);
  say(message, true);
  $("status").textContent = "";
  if (loaded === null) return;
  if (state.now.picture !== loaded) state.opened(loaded);
  refresh();
  if (!drawn) sendMask();
}

function gone(reason) {
  $("gone").textContent = reason
    ? `The studio does not serve this page: ${reason}.`
    : "The studio has ended, or cannot be reached. Start it again with gng-fast studio; what you have saved is safe.";
  $("gone").hidden = false;
  busy(false);
  switchDownloads(false);
}

// The server is there, perhaps again: it knows nothing of this page yet.
function back() {
  $("gone").hidden = true;
  const { number, fresh } = opening ?? { number: state.now.picture, fresh: false };
  load(number, fresh);
}

// ---- what the server is asked for ----

function open(what) {
  sources.push(what);
  load(sources.length - 1, true);
}

// fresh : whether nothing is known yet of what is drawn of it
function load(number, fresh) {
  opening?.stop.abort();
  const what = sources[number], stop = new AbortController();
  opening = { number, fresh, stop, serial: 0 };
  say("");
  clearTimeout(resting);
  busy(true, "loading");
  if (what instanceof Blob) {
    if (what.size > told.most_bytes) return notOpened(`a file may have ${told.most_bytes / 2 ** 20} MB`);
    line.upload("picture", what, what.name, stop.signal).catch(error => {
      if (!stop.signal.aborted && line.page !== null) notOpened(error.message);
    });
    serial = line.serial;
  } else {
    serial = line.ask("open", { picture: what });
  }
  opening.serial = serial;
}

function ask(want) {
  if (!stage.picture) return;
  begun = performance.now();
  serial = line.ask("set", { ...state.told(), want });
  stage.crop = state.get("crop");
  inkAsked = true;
  if (want === "drawing") {
    clearTimeout(resting);
    inkAgain = false; // the ink comes with the drawing
    drawn = false;
    busy(true, "drawing");
    switchDownloads(false);
    stage.growth = null;
  }
}

function askThumbnails() {
  if (stage.picture && state.now.mode === "draw") line.ask("thumbnails", state.told());
}

// Something was changed: ink is shown at once, the drawing begins when all is at rest.
function changed({ name: what, moving, all }) {
  say("");
  refresh();
  if (!stage.picture) return;
  if (all && (opening || state.now.picture !== loaded)) return load(state.now.picture, false);
  if (all) return sendMask();
  if (what === "mask") return;
  drawn = false;
  clearTimeout(resting);
  if (ABOUT_INK.has(what) || !moving) {
    if (ABOUT_INK.has(what)) stage.inkFirst = true;
    if (inkAsked && moving) inkAgain = true;
    else ask("ink");
  } else {
    serial = line.ask("stop");
    inkAsked = false;
  }
  resting = setTimeout(() => ask("drawing"), REST);
  if (what === "invert" || what === "crop") askThumbnails();
}

async function sendMask() {
  if (!state.masked) return ask("drawing");
  stage.inkFirst = true;
  clearTimeout(resting);
  try {
    await line.upload("mask", await tools.file());
  } catch (error) {
    say(error.message, true);
  }
}

async function fetchFile(ending) {
  const field = $("pixels"), pixels = [".png", ".gif"].includes(ending) ? field.value : "";
  if ([".png", ".gif"].includes(ending) && !field.checkValidity()) {
    return say(`the longer side must be a whole number of pixels from ${field.min} to ${field.max}`, true);
  }
  say("");
  busy(true, "writing");
  try {
    save(await line.download(ending, pixels), name.replace(/\.[^.]*$/, "") + ending);
  } catch (error) {
    say(error.message, true);
  }
  $("status").textContent = "";
  busy(false);
}

// ---- what is shown ----

function refresh() {
  const { mode, style } = state.now, draws = mode === "draw";
  controls.refresh();
  for (const radio of document.getElementsByName("mode")) radio.checked = radio.value === mode;
  for (const radio of document.getElementsByName("style")) radio.checked = radio.value === style;
  $("styles-part").hidden = !draws;
  $("mask").disabled = !draws;
  $("undo").disabled = state.past.length < 2;
  $("redo").disabled = !state.future.length;
  $("mask-note").hidden = !state.masked;
  const what = sources[state.now.picture];
  $("pictures").value = what === undefined || what instanceof Blob ? "" : String(what);
  stage.redraw();
}

function busy(on, stageName = "") {
  $("stop").hidden = !on || stageName === "writing";
  $("progress").hidden = !on;
  $("progress").removeAttribute("value");
  if (on) $("status").textContent = stageName;
  document.body.classList.toggle("busy", on);
}

function showProgress({ serial: which, stage: at, fraction }) {
  if (which !== serial && which !== 0) return;
  $("progress").value = fraction;
  if (at !== "training") $("status").textContent = at;
}

// Shows a line; options are called as their controls are, and names of files as they are.
function say(message, bad = false) {
  const line = message.replace(/^\w+(?= must )/, word => LABELS[word] ?? word);
  $("said").textContent = line.replace(/^[a-z](?=[a-z]*[ ,])/, letter => letter.toUpperCase());
  $("said").classList.toggle("bad", bad);
}

function showResult(made) {
  const metres = mm => (mm >= 1000 ? `${(mm / 1000).toFixed(2)} m` : `${(mm / 10).toFixed(1)} cm`);
  const rows = [
    ["Words", made.words], ["Page", made.page.map(side => Number(side.toFixed(1))).join(" × ") + " mm"],
    ["Paths", made.paths], ["Ink", metres(made.ink)], ["Pen up", metres(made.pen_up)], ["Time to plot", duration(made.plot_seconds)],
    ["Nodes, edges", `${made.nodes}, ${made.edges}`], ["Drawn in", `${made.seconds.toFixed(2)} s`],
  ].filter(([, value]) => value !== undefined);
  $("figures").replaceChildren(...rows.flatMap(([title, value]) => [element("dt", {}, title), element("dd", {}, String(value))]));
  const pens = made.layers.length > 12 ? [] : made.layers;
  $("pens").replaceChildren(...pens.map(layer => {
    const colour = element("i", { ariaHidden: "true" });
    colour.style.background = layer.colour;
    const width = layer.label.includes(" mm") ? "" : `, ${Number(layer.pen.toFixed(2))} mm`;
    return element("span", {}, colour, layer.label + width);
  }));
  $("command").textContent = made.command;
  $("python").textContent = made.python.trim();
  switchDownloads(true, state.now.mode === "draw" && told.growing.includes(state.now.style));
  const what = made.words === undefined ? `${made.paths} paths` : `${made.words} words`;
  result = `Drawing of ${name}: ${what}, ${metres(made.ink)} of ink`;
  labelCanvas();
}

// What a screen reader says of the canvas; with the mask it takes the keys that it would use itself.
function labelCanvas() {
  const painting = tools.tool === "mask";
  $("canvas").setAttribute("role", painting ? "application" : "img");
  $("canvas").setAttribute("aria-label", painting
    ? "Mask: arrows move the brush, Space paints while it is held, Enter begins and ends, plus and minus are the size" : result);
}

// There is no drawing: what is told of the one before is not of what is shown.
function showNothing() {
  $("figures").replaceChildren(element("dt", {}, "Drawing"), element("dd", {}, "none yet"));
  $("pens").replaceChildren();
  $("command").textContent = $("python").textContent = "";
  result = `No drawing of ${name} yet`;
  labelCanvas();
  switchDownloads(false);
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : minutes ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}

function showThumbnail(style, blob) {
  const picture = document.querySelector(`#styles [data-style="${style}"] img`);
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(blob);
  picture.hidden = false;
}

function show(view) {
  stage.view = view;
  if (view !== "picture" && tools.tool) tools.choose(tools.tool);
  for (const radio of document.getElementsByName("view")) radio.checked = radio.value === view;
  $("compare").disabled = view === "picture";
  stage.redraw();
}

// ---- the parts of the page ----

for (const style of Object.keys(told.styles)) {
  const picture = element("img", { alt: "", hidden: true });
  const radio = element("input", { type: "radio", name: "style", value: style });
  radio.onchange = () => state.change({ style }, { name: "style" });
  const label = element("label", {}, radio, element("span", { className: "paper" }, picture), style);
  label.dataset.style = style;
  $("styles").append(label);
}
for (const radio of document.getElementsByName("mode")) {
  radio.onchange = () => state.change({ mode: radio.value }, { name: "mode" });
}
for (const radio of document.getElementsByName("view")) radio.onchange = () => show(radio.value);
tools.chosen = tool => {
  if (tool) show("picture");
  else if (stage.view === "picture") show("drawing");
  labelCanvas();
};
tools.say = words => { $("spoken").textContent = words; };

$("pictures").append(element("option", { value: "" }, "or one of these"),
  ...told.named.map((each, i) => element("option", { value: String(i) }, each)),
  ...told.pictures.map(each => element("option", { value: each }, each)));
$("pictures").onchange = () => {
  const value = $("pictures").value;
  if (value !== "") open(/^\d+$/.test(value) ? Number(value) : value);
};
$("presets").append(element("option", { value: "" }, "none"),
  ...Object.entries(told.presets).map(([each, { about }]) => element("option", { value: each }, `${each}: ${about}`)));
$("presets").onchange = () => {
  const preset = told.presets[$("presets").value];
  const kept = Object.fromEntries(["crop", "invert", "seed"].filter(key => key in state.now.options).map(key => [key, state.now.options[key]]));
  const { style = state.now.style, ...options } = preset?.options ?? {};
  state.change({ style, options: { ...kept, ...options } }, { name: "preset" });
};
$("choose").onclick = () => $("file").click();
incoming($("file"), open);
$("reset").onclick = () => {
  const { picture, mode, style } = state.now;
  state.change({ ...structuredClone(FRESH), picture, mode, style }, { name: "reset" });
};
$("undo").onclick = () => state.undo();
$("redo").onclick = () => state.redo();
$("stop").onclick = stop;
$("compare").oninput = () => {
  stage.compare = Number($("compare").value);
  stage.redraw();
};
$("smaller").onclick = () => stage.zoom(1 / 1.4);
$("larger").onclick = () => stage.zoom(1.4);
$("whole").onclick = () => stage.fit();
$("keys").onclick = () => $("help").showModal();
$("save-mask").onclick = async () => save(await tools.file(), "mask.png");
$("theme").onclick = () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
};
for (const button of document.querySelectorAll("[data-copy]")) {
  button.onclick = async () => {
    await navigator.clipboard.writeText($(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
}

function stop() {
  clearTimeout(resting);
  serial = line.ask("stop");
  busy(false);
  $("status").textContent = "stopped";
}

// ---- pointer and keys ----

const canvas = $("canvas"), pointers = new Map();
canvas.addEventListener("pointerdown", event => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  if (pointers.size > 1 || !tools.down(event)) canvas.classList.add("moving");
});
canvas.addEventListener("pointermove", event => {
  if (!pointers.has(event.pointerId) || (pointers.size === 1 && tools.moved(event))) return;
  const before = [...pointers.values()], [x, y] = pointers.get(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  stage.move((event.clientX - x) / pointers.size, (event.clientY - y) / pointers.size);
  if (pointers.size === 2) {
    const length = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    stage.zoom(length([...pointers.values()]) / Math.max(1, length(before)));
  }
});
for (const kind of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(kind, event => {
    pointers.delete(event.pointerId);
    canvas.classList.remove("moving");
    tools.up();
  });
}
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  const rect = canvas.getBoundingClientRect();
  stage.zoom(Math.exp(-event.deltaY / 400), event.clientX - rect.left, event.clientY - rect.top);
}, { passive: false });
canvas.addEventListener("dblclick", () => { if (!tools.tool) stage.fit(); });
canvas.addEventListener("keydown", event => {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && tools.key(event)) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  const way = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
  if (!way) return;
  event.preventDefault();
  stage.move(...way);
});
canvas.addEventListener("keyup", event => tools.released(event));
canvas.addEventListener("blur", () => tools.up());

const KEYS = {
  1: () => show("picture"), 2: () => show("ink"), 3: () => show("drawing"),
  c: () => tools.choose("crop"), m: () => {
    if ($("mask").disabled) return;
    tools.choose("mask");
    canvas.focus();
  },
  "+": () => stage.zoom(1.4), "=": () => stage.zoom(1.4), "-": () => stage.zoom(1 / 1.4), 0: () => stage.fit(),
  r: () => $("dice")?.click(), s: () => document.querySelector('[data-ending=".svg"]').click(),
  "?": () => $("help").showModal(), Escape: () => (tools.tool ? tools.choose(tools.tool) : stop()),
};
addEventListener("keydown", event => {
  const typing = event.target.matches("input:not([type=radio], [type=checkbox], [type=range]), select, textarea");
  if (typing || $("help").open) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (event.shiftKey) state.redo(); else state.undo();
  } else if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (event.key.toLowerCase() === "b" && !event.repeat) {
    stage.compare = 100;
    stage.redraw();
  } else {
    KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]?.();
  }
});
addEventListener("keyup", event => {
  if (event.key.toLowerCase() !== "b") return;
  stage.compare = Number($("compare").value);
  stage.redraw();
});

switchDownloads(false);
busy(false);
refresh();
sources.push(told.named.length ? 0 : "coffee");
opening = { number: 0, fresh: true, stop: new AbortController() }; // opened as soon as the server answers
