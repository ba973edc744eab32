"""Make docs/gallery: pictures and a page that shows each with its command and time.

    python docs/make_gallery.py

Pictures are those that come with scikit-image. They are drawn by the command that is shown, and then made small.
"""

import io
import shlex
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

from PIL import Image

from gng_fast import cli

FOLDER = Path(__file__).parent / "gallery"
PIXELS = 640
COLOURS = 96

#: name of the picture, what it shows, arguments of gng-fast
PICTURES = [
    ("portrait", "The article's portrait", "draw"),
    ("coffee", "A photo, without any option", "draw coffee"),
    ("astronaut", "Another", "draw astronaut"),
    ("camera", "Tone: the widths of the lines follow the picture", "draw camera --style tone"),
    ("cat", "Tone with three pens", "draw chelsea --style tone --pen 0.2,0.4,0.8"),
    ("stipple", "Dots", "draw chelsea --style stipple"),
    ("line", "One line that does not cross itself", "draw camera --style stipple --line"),
    ("lowpoly", "Triangles", "draw chelsea --style lowpoly"),
    ("glass", "Stained glass", "draw coffee --style glass"),
    ("glow", "Lines in the colours of the picture", "draw chelsea --style glow"),
    ("cmyk", "Yellow, magenta, cyan and black pens", "draw astronaut --style cmyk"),
    ("horse", "A shape that reaches its edges", "draw horse --style shape --nodes 700"),
    ("page", "Writing on uneven paper, with a local threshold", "draw page --threshold sauvola --nodes 5000"),
]


def make(name: str, command: str, folder: Path) -> float:
    """Draw one picture as SVG, as the command says, and as PNG to show; return the CPU seconds of the former."""
    arguments = shlex.split(command)
    started = time.process_time()
    run([*arguments, "-q", "-o", str(folder / f"{name}.svg")])
    seconds = time.process_time() - started
    run([*arguments, "-q", "-o", str(folder / f"{name}.png"), "--pixels", str(2 * PIXELS)])
    with Image.open(folder / f"{name}.png") as picture:
        small = picture.reduce(2)
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
    return seconds


def run(arguments: list[str]) -> None:
    """Run a command of gng-fast without its output; end where it ends with an error."""
    with redirect_stdout(io.StringIO()):
        code = cli.main(arguments)
    if code:
        sys.exit(code)


def main() -> None:
    """Draw all pictures and write the page that shows them."""
    FOLDER.mkdir(exist_ok=True)
    lines = [
        "# Gallery",
        "",
        "Pictures that come with scikit-image, each with the command that draws it and the CPU time that "
        "took, start of Python apart. Made by `python docs/make_gallery.py`.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        make("warm", "draw coins --style tone --nodes 100", Path(folder))  # imports
        (FOLDER / "warm.png").unlink()
        for name, what, arguments in PICTURES:
            seconds = make(name, arguments, Path(folder))
            print(f"{name}: {seconds:.1f} s, {(FOLDER / f'{name}.png').stat().st_size // 1024} kB", flush=True)
            lines += [
                f"## {what}",
                "",
                f"![{what}]({name}.png)",
                "",
                f"`gng-fast {arguments} -o {name}.svg` ({seconds:.1f} s)",
                "",
            ]
    (FOLDER / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
