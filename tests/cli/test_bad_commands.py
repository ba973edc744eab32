"""Command lines and files that are wrong: one line each, the right exit code, and everything as it was."""

import os
import pathlib
import shlex
import struct
import sys
import zlib

import numpy as np
import pytest

from gng_fast import cli

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("skimage")

# What is wrong with the command line itself: exit code 2.
USAGE = """
drwa
Draw
draw2
draw-
--draw
-z
--verison
draw
draw ring.png
draw -o
draw ring.png -o a.svg --nodes
draw ring.png -o a.svg --nodes many
draw ring.png -o a.svg --nodes 1e3
draw ring.png -o a.svg --nodes 3.5
draw ring.png -o a.svg --nodes ''
draw ring.png -o a.svg --noeds 60
draw ring.png -o a.svg --node 60
draw ring.png -o a.svg -n 60
draw ring.png -o a.svg --epochs lots
draw ring.png -o a.svg --seed x
draw ring.png -o a.svg --seed 1.5
draw ring.png -o a.svg --style oil
draw ring.png -o a.svg --style Mesh
draw ring.png -o a.svg --style ''
draw ring.png -o a.svg --style 'mesh tone'
draw ring.png -o a.svg --preset poster2
draw ring.png -o a.svg --variant x
draw ring.png -o a.svg --threshold nan
draw ring.png -o a.svg --threshold inf
draw ring.png -o a.svg --crop 1,2
draw ring.png -o a.svg --crop 1,2,3,x
draw ring.png -o a.svg --crop 1,2,3,4,5
draw ring.png -o a.svg --crop 1.5,2,3,4
draw ring.png -o a.svg --crop ''
draw ring.png -o a.svg --levels 0.2
draw ring.png -o a.svg --levels a,b
draw ring.png -o a.svg --pen thick
draw ring.png -o a.svg --pen 0-1
draw ring.png -o a.svg --pen 1-2-3
draw ring.png -o a.svg --pen ,
draw ring.png -o a.svg --blur soft
draw ring.png -o a.svg --offset x
draw ring.png -o a.svg --block-size 3.5
draw ring.png -o a.svg --max-pixels many
draw ring.png -o a.svg --eps-b x
draw ring.png -o a.svg --eps_b 0.1
draw ring.png -o a.svg --max-age old
draw ring.png -o a.svg --lam x
draw ring.png -o a.svg --size big
draw ring.png -o a.svg --margin wide
draw ring.png -o a.svg --pixels many
draw ring.png -o a.svg --size 90 --page a4
draw ring.png -o a.svg --invert=yes
draw ring.png -o a.svg --quiet=1
draw ring.png -o a.svg --format gif
draw ring.png -o a.svg --format .svg
draw ring.png -o a.svg --jobs two
draw ring.png -o a.svg --frames 3
draw ring.png -o a.svg --forse
draw ring.png -o a.svg --config unknown.toml
draw ring.png -o a.svg --config table.toml
draw ring.png -o a.svg --config broken.toml
draw ring.png -o a.svg --config kind.toml
draw ring.png -o a.svg --config binary.toml
animate ring.png
animate ring.png -o a.gif --frames few
animate ring.png -o a.gif --seconds long
animate ring.png -o a.gif --retrace
animate ring.png -o a.gif --report
animate ring.png -o a.gif --format svg
words
words ring.png --hyphen three
words ring.png --boxes
words ring.png --nodes 60
strokes
strokes ring.png
strokes ring.png -o a.svg --style tone
strokes ring.png -o a.svg --pen 0.2,0.4
bench now
bench --fast
completion
completion csh
completion bash zsh
cluster
cluster x.csv y.csv
cluster x.csv --nodes many
cluster x.csv --standardize
cluster x.csv --style tone
surface
surface x.csv
surface x.csv -o a.ply --sides 3
surface x.csv -o - --format svg
"""

# What cannot be done: exit code 1.
FAILURES = """
draw nothing.png -o a.svg
draw nothing -o a.svg
draw '' -o a.svg
draw text.png -o a.svg
draw empty.png -o a.svg
draw cut.png -o a.svg
draw huge.png -o a.svg
draw white.png -o a.svg
draw black.png -o a.svg --invert
draw folder -o a.svg
draw pipe -o a.svg
draw loop.png -o a.svg
draw ring.png -o ''
draw ring.png -o a
draw ring.png -o a.bmp
draw ring.png -o .svg
draw ring.png -o missing/a.svg
draw ring.png -o ring.png
draw ring.png -o ./ring.png
draw ring.png -o link.png
draw ring.png -o x.csv/a.svg
draw ring.png -o x.csv/
draw ring.png -o folder.svg
draw ring.png -o a.svg --no-clobber
draw ring.png -o dangling.svg
draw ring.png -o a.svg --format png
draw ring.png -o a.svg --pixels 9
draw ring.png -o a.json --pixels 9
draw ring.png -o a.png --pixels 0
draw ring.png -o a.png --pixels 999999
draw ring.png -o a.svg --nodes 1
draw ring.png -o a.svg --nodes -5
draw ring.png -o a.svg --epochs 0
draw ring.png -o a.svg --epochs nan
draw ring.png -o a.svg --epochs inf
draw ring.png -o a.svg --seed -1
draw ring.png -o a.svg --seed 99999999999999999999
draw ring.png -o a.svg --lam 0
draw ring.png -o a.svg --eps-b 5
draw ring.png -o a.svg --eps-n -1
draw ring.png -o a.svg --max-age 0
draw ring.png -o a.svg --blur -1
draw ring.png -o a.svg --threshold otso
draw ring.png -o a.svg --threshold local --block-size 4
draw ring.png -o a.svg --max-pixels 0
draw ring.png -o a.svg --crop 100,0,50,50
draw ring.png -o a.svg --crop 0,0,0,0
draw ring.png -o a.svg --pen 0
draw ring.png -o a.svg --pen nan
draw ring.png -o a.svg --size 0
draw ring.png -o a.svg --margin 90
draw ring.png -o a.svg --page b7
draw ring.png -o a.svg --page 0x0
draw ring.png -o a.svg --page a6 --margin 60
draw ring.png -o a.svg --mask nothing.png
draw ring.png -o a.svg --mask text.png
draw ring.png -o a.svg --mask black.png
draw ring.png -o a.svg --style tone --lam 9
draw ring.png -o a.svg --style shape --levels 0,1
draw ring.png -o a.svg --style tone --levels 1,0
draw ring.png -o a.svg --style tone --levels 0,2
draw white.png -o a.svg --style stipple
draw ring.png -o a.svg --config nothing.toml
draw ring.png -o a.svg --config folder
draw ring.png white.png -o a.svg
draw ring.png white.png -o -
draw ring.png - -o out/
draw ring.png ./ring.png -o folder/
draw ring.png white.png -o '{name}.png'
draw ring.png white.png -o folder/ --jobs 0
draw - -o a.svg
animate ring.png -o a.svg
animate ring.png -o a.gif --frames 0
animate ring.png -o a.gif --frames 2000
animate ring.png -o a.gif --seconds -3
animate ring.png -o a.gif --seconds nan
animate ring.png -o a.gif --style cmyk
animate ring.png -o a.html --pixels 9
animate ring.png -o ring.png
animate text.png -o a.gif
words nothing.png
words ring.png white.png -o a.svg
words ring.png - -o {name}.svg
words text.png
words ring.png -o ring.png
words ring.png --boxes ring.png
words ring.png -o a.json --boxes ./a.json
words ring.png -o a.bmp
words ring.png -o -
words ring.png --boxes -
words ring.png --boxes missing/a.json
words ring.png --seed -1
strokes nothing.png -o a.svg
strokes ring.png -o ring.png
strokes ring.png -o a.bmp
strokes white.png -o a.svg
cluster nothing.csv
cluster folder.csv
cluster ring.png
cluster empty.csv
cluster text.csv
cluster ragged.csv
cluster holes.csv
cluster binary.csv
cluster object.npy
cluster cut.npy
cluster text.npy
cluster flat.npy
cluster text.npz
cluster two.npz
cluster two.npz --array c
cluster x.csv --array a
cluster x.csv --columns z
cluster x.csv --columns ''
cluster x.csv -o x.csv
cluster x.csv --plot x.csv
cluster x.csv -o a.txt
cluster x.csv --plot a.json
cluster x.csv -o missing/a.csv
cluster x.csv -o a.csv --no-clobber
cluster x.csv --nodes 1
cluster x.csv --epochs 0
cluster x.csv --seed -1
surface nothing.ply -o a.ply
surface folder -o a.ply
surface ring.png -o a.ply
surface x.csv -o a.ply
surface flat.xyz -o a.ply
surface text.xyz -o a.ply
surface cut.ply -o a.ply
surface flat.xyz -o a.glb
surface flat.xyz -o missing/a.ply
surface flat.xyz -o flat.xyz
surface flat.xyz -o a.ply --columns x,y,z
surface flat.xyz -o a.ply --nodes 1
surface flat.xyz -o a.ply --no-smooth --seed -1
"""

CASES = [(line, 2) for line in USAGE.split("\n") if line] + [(line, 1) for line in FAILURES.split("\n") if line]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder of good and bad files."""
    monkeypatch.chdir(tmp_path)
    y, x = np.mgrid[:40, :60]
    Image.fromarray(np.where(np.abs(np.hypot(x - 30, y - 20) - 12) < 4, 30, 240).astype("u1")).save("ring.png")
    Image.new("L", (20, 20), 255).save("white.png")
    Image.new("L", (20, 20), 0).save("black.png")
    for name in "a.svg", "a.json", "a.png", "a.gif", "a.html", "a.csv":
        pathlib.Path(name).write_text("precious")
    for name in "text.png", "text.npy", "text.npz", "broken.toml":
        pathlib.Path(name).write_text("text")
    pathlib.Path("empty.png").touch()
    pathlib.Path("empty.csv").touch()
    pathlib.Path("cut.png").write_bytes(pathlib.Path("ring.png").read_bytes()[:60])
    pathlib.Path("huge.png").write_bytes(png_header(100_000, 100_000))
    os.symlink("ring.png", "link.png")
    os.symlink("loop.png", "loop.png")
    os.symlink("missing/a.svg", "dangling.svg")
    for name in "folder", "folder.svg", "folder.csv":
        os.mkdir(name)
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe")
    for name, content in TEXTS.items():
        pathlib.Path(name).write_bytes(content)
    np.save("object.npy", np.array([{}, {}]), allow_pickle=True)
    np.save("flat.npy", np.arange(9.0))
    np.save("cut.npy", np.zeros((1000, 3)))
    os.truncate("cut.npy", 500)
    np.savez("two.npz", a=np.zeros((9, 2)), b=np.zeros(9))


TEXTS = {
    "unknown.toml": b"noeds = 3",
    "table.toml": b"[drwa]\nnodes = 3",
    "kind.toml": b"invert = 3",
    "binary.toml": b"\xff\xfe\x00",
    "x.csv": b"a,b\n" + b"1,2\n3,4\n5,7\n" * 5,
    "y.csv": b"1,2\n3,4\n",
    "text.csv": b"a,b\n1,x\n",
    "ragged.csv": b"a,b\n1,2\n3\n",
    "holes.csv": b"a,b\n1,2\n3,\n",
    "flat.xyz": b"".join(b"%d %d 0\n" % (number % 7, number // 7) for number in range(49)),
    "text.xyz": b"a b c\n",
    "cut.ply": b"ply\nformat ascii 1.0\nelement vertex 9\nproperty float x\n",
    "binary.csv": b"\xff\xfe\x00\x81,\x90\n",
}


def png_header(width, height):
    """The start of a PNG that claims to be so large."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def everything():
    """What there is: files with their bytes, folders, links with where they lead."""
    found = {}
    for path in sorted(pathlib.Path().rglob("*")):
        if path.is_symlink():
            found[str(path)] = os.readlink(path)
        else:
            found[str(path)] = path.read_bytes() if path.is_file() else "no file"
    return found


def test_there_are_many():
    lines = [line for line, _ in CASES]
    assert len(set(lines)) == len(lines) > 200


@pytest.mark.quick
@pytest.mark.parametrize("line, code", CASES, ids=[line for line, _ in CASES])
def test_one_line_the_right_code_and_nothing_lost(line, code, capsys, monkeypatch):
    if "pipe" in line and not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes with names")
    monkeypatch.setattr(sys, "stdin", open(os.devnull))
    before = everything()
    with sys.stdin:
        assert cli.main(shlex.split(line)) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1 and said.err.endswith("\n") and said.err.startswith("gng-fast")
    assert ("--help)\n" in said.err) == (code == 2)
    assert 20 < len(said.err) < 300 and "Errno" not in said.err and "<" not in said.err.replace("<=", "")
    assert everything() == before
