"""Growing drawings as one HTML page with a slider, which needs no other file and no network."""

import base64
import html
import json
from collections.abc import Iterable
from os import PathLike

import numpy as np

from gng_fast.art.drawing import Drawing
from gng_fast.art.drawing.paths import lines_of
from gng_fast.files import write_file

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@</title>
<style>
body { margin: 0; font: 16px system-ui, sans-serif; color: #222; background: #f4f4f2; text-align: center }
canvas { display: block; margin: 2vh auto 1vh; max-width: 96vw; max-height: 86vh; background: @PAPER@;
  box-shadow: 0 1px 8px #0003 }
form { display: flex; gap: 1em; align-items: center; justify-content: center; margin: 0 2vw }
input { flex: 0 1 40em }
output { min-width: 21em; text-align: left; font-variant-numeric: tabular-nums }
</style>
</head>
<body>
<canvas id="page" role="img" aria-label="@TITLE@"></canvas>
<form onsubmit="return false">
<button id="play" type="button">pause</button>
<input id="frame" type="range" min="1" max="@N@" value="1" aria-label="frame">
<output id="said"></output>
</form>
<script>
"use strict";
const shown = @DATA@;
const page = document.getElementById("page"), slider = document.getElementById("frame");
const button = document.getElementById("play"), said = document.getElementById("said"), pen = page.getContext("2d");
const scale = Math.min(2000 / Math.max(shown.width, shown.height), 20);
page.width = Math.round(shown.width * scale);
page.height = Math.round(shown.height * scale);

function numbers(text, Type) {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Type(bytes.buffer);
}

function draw() {
  const frame = shown.frames[slider.value - 1];
  pen.clearRect(0, 0, page.width, page.height);
  pen.lineCap = pen.lineJoin = "round";
  for (const layer of frame.layers) {
    const points = numbers(layer.points, Int32Array), lines = numbers(layer.lines, Uint32Array);
    const at = i => [points[2 * i] / 100 * scale, points[2 * i + 1] / 100 * scale];
    pen.strokeStyle = pen.fillStyle = layer.colour;
    pen.lineWidth = layer.pen * scale;
    pen.beginPath();
    if (layer.filled) {
      for (let i = 0; i < points.length / 2; i++) pen.lineTo(...at(i));
      pen.closePath();
      pen.fill();
    }
    for (let i = 0; i < lines.length; i += 2) {
      pen.moveTo(...at(lines[i]));
      // nothing is drawn of a line without length, which is a dot
      if (lines[i] === lines[i + 1]) pen.lineTo(at(lines[i])[0] + 0.01, at(lines[i])[1]);
      else pen.lineTo(...at(lines[i + 1]));
    }
    pen.stroke();
  }
  said.value = `${slider.value} of ${slider.max}: ${frame.said}`;
}

let timer = null;
function play(on) {
  clearInterval(timer);
  timer = on ? setInterval(step, shown.seconds * 1000) : null;
  button.textContent = on ? "pause" : "play";
}
function step() {
  slider.value = Number(slider.value) + 1;
  draw();
  if (slider.value === slider.max) play(false);
}
button.addEventListener("click", () => {
  if (timer === null && slider.value === slider.max) slider.value = 1;
  play(timer === null);
});
slider.addEventListener("input", () => { play(false); draw(); });
// page.html#12 shows frame 12
if (Number(location.hash.slice(1))) {
  slider.value = location.hash.slice(1);
  slider.dispatchEvent(new Event("input"));
} else {
  draw();
  play(true);
}
</script>
</body>
</html>
"""


def write_html(
    frames: Iterable[Drawing], path: str | PathLike, seconds: float = 0.1, title: str = "Growing Neural Gas"
) -> None:
    """Write an animation as a page that plays it, with a slider.

    frames : iterable of Drawing, all with the same page
    seconds : time each frame is shown

    Raises ValueError where there are no frames, OSError when the file cannot be written.
    """
    frames = list(frames)
    if not frames:
        raise ValueError("frames must hold at least one drawing, got none")
    first = frames[0]
    data = {
        "width": round(first.width, 2),
        "height": round(first.height, 2),
        "seconds": seconds,
        "frames": [_frame(drawing) for drawing in frames],
    }
    text = _PAGE
    for name, value in (
        ("TITLE", html.escape(title)),
        ("PAPER", first.background or "#ffffff"),
        ("N", str(len(frames))),
        ("DATA", json.dumps(data, separators=(",", ":"))),
    ):
        text = text.replace(f"@{name}@", value)
    write_file(path, text.encode())


def _frame(drawing):
    """What is drawn, areas first, and what is said of it."""
    # a hairline of the same colour, as browsers leave one of paper between areas that only touch
    layers = [
        {"colour": area.colour, "pen": 0.1, "filled": True, "lines": "", "points": _hundredths(area.outline)}
        for area in drawing.areas
    ]
    lines, places = 0, []
    for layer in drawing.layers:
        if layer.strokes:
            points, edges = lines_of(layer.strokes)
            dots = np.setdiff1d(np.arange(len(points)), edges)
            lines += len(edges)
            places.append(points)
            layers.append(
                {
                    "colour": layer.colour,
                    "pen": layer.pen,
                    "points": _hundredths(points),
                    "lines": _packed(np.concatenate([edges, np.stack([dots, dots], axis=1)]), "<u4"),
                }
            )
    nodes = len(np.unique(np.concatenate(places), axis=0)) if places else 0
    said = (
        f"{len(drawing.areas)} areas"
        if drawing.areas
        else f"{nodes} nodes, {lines} lines"
        if lines
        else f"{nodes} dots"
    )
    return {"layers": layers, "said": said}


def _hundredths(points):
    return _packed(np.rint(points * 100), "<i4")


def _packed(numbers, kind):
    return base64.b64encode(np.ascontiguousarray(numbers, dtype=kind).tobytes()).decode()
