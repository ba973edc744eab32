// Pictures that come in, and files that are saved.

import { element } from "./controls.js";

const DOWNLOADS = [
  [".svg", "SVG"], [".png", "PNG"], [".gif", "GIF of the growth", true], [".html", "Page of the growth", true],
  [".json", "Graph: JSON"], [".graphml", "GraphML"], [".gml", "GML"], [".npz", "NumPy"],
];

export function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Makes the buttons for files; ask(ending) fetches one and saves it. Returns a function that switches them on and off.
export function downloads(place, ask) {
  const buttons = DOWNLOADS.map(([ending, label, grows]) => {
    const button = element("button", { type: "button", disabled: true }, label);
    button.dataset.ending = ending;
    button.onclick = async () => {
      button.disabled = true;
      try {
        await ask(ending);
      } finally {
        button.disabled = false;
      }
    };
    return [button, grows];
  });
  buttons[0][0].className = "first";
  place.replaceChildren(...buttons.map(([button]) => button));
  return (there, grows) => {
    for (const [button, needsGrowth] of buttons) button.disabled = !there || (needsGrowth && !grows);
  };
}

// Pictures that are dropped, pasted or chosen are handed to `take`.
export function incoming(input, take) {
  input.onchange = () => {
    if (input.files.length) take(input.files[0]);
    input.value = "";
  };
  const dropping = on => document.body.classList.toggle("dropping", on);
  addEventListener("dragover", event => {
    event.preventDefault();
    dropping(true);
  });
  addEventListener("dragleave", event => { if (!event.relatedTarget) dropping(false); });
  addEventListener("drop", event => {
    event.preventDefault();
    dropping(false);
    const file = event.dataTransfer.files[0];
    if (file) take(file);
  });
  addEventListener("paste", event => {
    const file = event.clipboardData?.files[0];
    if (file) take(file);
  });
}
