"""gng-fast cluster: tables of every kind, what is refused of them, labels, the table of clusters and the picture."""

import io
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from commands import run

from gng_fast.cli.scatter import scatter
from gng_fast.cli.tables import read_table
from gng_fast.graph import Graph

pytestmark = pytest.mark.usefixtures("folder")

# Groups far apart are components, and no more fall off.
FEW = ["--nodes", 40]
SVG = "{http://www.w3.org/2000/svg}"


def islands(d=3, rows=(300, 200, 100), seed=0):
    """Rows of groups far apart, shuffled, and the group of each."""
    random = np.random.default_rng(seed)
    groups = random.permutation(np.repeat(np.arange(len(rows)), rows))
    X = random.normal(size=(len(groups), d)) + 100.0 * np.eye(len(rows), d)[groups]
    return X, groups


def same_groups(labels, groups):
    pairs = set(zip(labels, groups))
    return len(pairs) == len(set(labels)) == len(set(groups))


def write_csv(name, X, header="a,b,c", delimiter=",", text=None):
    columns = [[repr(value) for value in column] for column in np.asarray(X, float).T.tolist()]
    if text is not None:
        columns.append(text)
    lines = [delimiter.join(cells) for cells in zip(*columns)]
    pathlib.Path(name).write_text("\n".join([*([header] if header else []), *lines, ""]))


@pytest.mark.quick
@pytest.mark.parametrize(
    "kind", ["csv", "csv without header", "semicolons", "npy", "npz", "structured", "standard input"]
)
@pytest.mark.parametrize("out", ["labels.csv", "labels.npy"])
def test_every_kind_of_table_gives_its_clusters(kind, out, capsys, monkeypatch):
    X, groups = islands()
    data = {"npy": "x.npy", "npz": "x.npz", "structured": "x.npy", "standard input": "-"}.get(kind, "x.csv")
    if kind == "npy":
        np.save("x.npy", X)
    elif kind == "npz":
        np.savez("x.npz", X=X, y=groups)
    elif kind == "structured":
        np.save("x.npy", np.array([tuple(row) for row in X], dtype=[("a", "f8"), ("b", "f8"), ("c", "f8")]))
    else:
        write_csv("x.csv", X, "" if "without" in kind else "a;b;c" if kind == "semicolons" else "a,b,c",
                  ";" if kind == "semicolons" else ",")  # fmt: skip
    if kind == "standard input":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pathlib.Path("x.csv").read_bytes())))
    assert run("cluster", data, "-o", out, "--seed", 3, *FEW) == 0
    labels = np.load(out) if out.endswith("npy") else np.loadtxt(out, dtype=int, skiprows=1)
    assert labels.dtype == np.int64 and len(labels) == 600 and same_groups(labels, groups)
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0] == ["cluster", "rows", "share", "density"]
    assert [line[1:3] for line in lines[1:4]] == [["300", "50.0%"], ["200", "33.3%"], ["100", "16.7%"]]
    assert max(float(line[3]) for line in lines[1:4]) == 1
    assert lines[4][:6] == ["600", "rows,", "3", "columns,", "40", "nodes,"] and said.err == ""


@pytest.mark.quick
def test_parquet(capsys):
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    X, groups = islands()
    columns = dict(zip("abc", X.T))
    parquet.write_table(arrow.table({**columns, "name": ["word"] * len(X)}), "x.parquet")
    assert run("cluster", "x.parquet") == 1
    assert (
        capsys.readouterr().err == "gng-fast: 'x.parquet' has text in the column 'name': --skip-text leaves text out\n"
    )
    assert run("cluster", "x.parquet", "--skip-text", "-o", "labels.npy", *FEW) == 0
    assert same_groups(np.load("labels.npy"), groups)
    parquet.write_table(arrow.table({"a": [1.0, None, 3.0]}), "x.parquet")
    assert run("cluster", "x.parquet") == 1
    assert "got nan in row 1, column 'a'" in capsys.readouterr().err


@pytest.mark.quick
def test_columns_are_given_the_same_spread_unless_that_is_switched_off():
    X, groups = islands(2, (300, 300))
    X = np.column_stack([X[:, 0] / 1000, np.random.default_rng(1).random(600) * 1e4])  # what tells is small
    np.save("x.npy", X)
    counts = {}
    for option in "--standardise", "--no-standardise":
        assert run("cluster", "x.npy", option, "-o", "labels.npy", "-q", *FEW) == 0
        counts[option] = same_groups(np.load("labels.npy"), groups)
    assert counts == {"--standardise": True, "--no-standardise": False}
    np.save("x.npy", np.column_stack([X[:, 0], np.full(600, 7.0)]))  # a column that is the same everywhere
    assert run("cluster", "x.npy", "-o", "labels.npy", "-q", *FEW) == 0
    assert same_groups(np.load("labels.npy"), groups)


@pytest.mark.quick
def test_columns_are_chosen_by_name(capsys):
    X, groups = islands()
    write_csv("x.csv", X, "a, b ,c,kind", text=["x y"] * len(X))
    assert run("cluster", "x.csv", "--columns", "c,b", "-q", "-o", "labels.npy") == 0
    table = read_table("x.csv")
    assert (table.columns, table.text) == (["a", "b", "c", "kind"], ["kind"])
    assert (table.chosen(["c", "b"], False).values() == X[:, [2, 1]]).all()
    assert (table.chosen(None, True).values() == X).all()


@pytest.mark.quick
@pytest.mark.parametrize(
    "content, columns",
    [
        ("1,2\n3,4\n", ["column 0", "column 1"]),
        ("x,y\n3,4\n", ["x", "y"]),
        ("2019,2020\n3,4\n", ["column 0", "column 1"]),
        ("name,1\n3,4\n5,6\n", ["name", "1"]),
        ("a,3,4\nb,5,6\n", ["column 0", "column 1", "column 2"]),
        ('"a, b";c\n1;2\n', ["a, b", "c"]),
        ("a\tb\n1,5\t2\n", ["a", "b"]),
        (",x\n0,1\n", ["column 0", "x"]),
        (b"gr\xf6\xdfe,x\n0,1\n", ["größe", "x"]),
        ("\ufeffx,y\n1,2\n", ["x", "y"]),
        ("only\n1\n2\n", ["only"]),
    ],
)
def test_a_header_is_found(content, columns):
    pathlib.Path("x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert read_table("x.csv").columns == columns


@pytest.mark.quick
@pytest.mark.parametrize(
    "content, message",
    [
        ("", "'x.csv' is empty"),
        ("a,b\n", "'x.csv' has no rows"),
        ("a,b\n1,2\n3\n", "'x.csv' has 1 columns in line 3, and 2 in the first"),
        ("a,b\n1,x\n2,y\n", "'x.csv' has text in the column 'b': --skip-text leaves text out"),
        ("a,b\nu,x\nv,y\n", "'x.csv' has text in the columns 'a', 'b': --skip-text leaves text out"),
        ("a,b\n1,2\n3,\n", "'x.csv': line 3, column 'b' is empty"),
        ("a,b\n1,2\n3,nan\n", "'x.csv' must hold finite numbers in [-1e+15, 1e+15], got nan in row 1, column 'b'"),
        ("a,b\n1,2\n3,inf\n", "'x.csv' must hold finite numbers"),
        ("a,b\n" + "1,2\n" * 300 + "1,oops\n", "'x.csv': line 302, column 'b' holds 'oops', which is no number"),
        ("a,b\n" + "1,2\n" * 300 + "1\n", "'x.csv': line 302 has 1 columns, and the first has 2"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(capsys, content, message):
    pathlib.Path("x.csv").write_text(content)
    assert run("cluster", "x.csv", "-o", "labels.csv") == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"gng-fast: {message}") and said.err.count("\n") == 1 and said.out == ""
    assert os.listdir() == ["x.csv"]


@pytest.mark.quick
def test_labels_on_standard_output_are_alone_there():
    X, groups = islands()
    write_csv("x.csv", X)
    command = [sys.executable, "-m", "gng_fast", "cluster", "-", "-o", "-", "--nodes", "40"]
    done = subprocess.run(command, input=pathlib.Path("x.csv").read_bytes(), capture_output=True, check=True)
    header, *labels = done.stdout.decode().splitlines()
    assert header == "cluster" and same_groups(labels, groups) and b"share" in done.stderr


@pytest.mark.quick
@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_picture_shows_rows_and_graph(d):
    X, groups = islands(d) if d > 1 else islands(1, (300, 200))
    np.save("x.npy", X)
    assert run("cluster", "x.npy", "--plot", "x.svg", "-q", *FEW) == 0
    layers = ElementTree.parse("x.svg").getroot().findall(f"{SVG}g")
    assert len(layers) == len(set(groups)) + 1
    assert sum(len(layer) for layer in layers[:-1]) == len(X) and len(layers[-1]) > 30
    assert len({layer.get("stroke") for layer in layers}) == len(layers)


@pytest.mark.quick
def test_the_picture_is_that_of_most_spread():
    """Rows on a line through five dimensions fill the width of the page, in order."""
    t = np.linspace(0, 1, 50)
    X = np.outer(t, [0, 3, 0, -4, 0.0])
    drawing = scatter(X, np.zeros(50, dtype=np.int64), Graph(X[[0, -1]], [(0, 1)]))
    x = [stroke[0, 0] for stroke in drawing.layers[0].strokes]
    assert np.ptp(x) == pytest.approx(170) and (np.diff(x) < 0).all()  # the largest part, -4, points right
    noise = scatter(X, np.full(50, -1), Graph(X[[0, -1]], [(0, 1)])).layers[0]
    assert noise.colour == "#bbbbbb"


@pytest.mark.quick
def test_many_clusters_are_summed_up(capsys):
    X, _ = islands(2, (20,) * 2)
    X = np.concatenate([X[:20] % 1 + 1000 * number for number in range(30)])
    np.save("x.npy", X)
    assert run("cluster", "x.npy", "--nodes", 300, "--no-standardise", "-q") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 22 and lines[-1].startswith("and ") and lines[-1].endswith("rows in all")


@pytest.mark.quick
def test_options_of_clusters_reach_the_model(capsys):
    X, groups = islands()
    np.save("x.npy", X)
    for options, n in ((["--n-clusters", 2], 2), (["--min-cluster-size", 150], 2), ([], 3)):
        assert run("cluster", "x.npy", "-o", "labels.npy", "-q", *options) == 0
        assert len(set(np.load("labels.npy"))) == n, options
    overlapping = np.random.default_rng(0).normal(size=(900, 2)) + np.repeat([[0, 0], [4, 0]], 450, axis=0)
    np.save("x.npy", overlapping)
    capsys.readouterr()
    assert run("cluster", "x.npy", "--noise", "-o", "labels.npy", "--plot", "x.svg", "-q") == 0
    assert -1 in np.load("labels.npy") and "\n   none " in capsys.readouterr().out
    assert run("cluster", "x.npy", "-o", "labels.npy", "-q") == 0
    assert -1 not in np.load("labels.npy")
    assert run("cluster", "x.npy", "--n-clusters", 0) == 1
    assert "n_clusters must be in [1, inf), got 0" in capsys.readouterr().err
