"""Every default and range is said in parameters.py; what else names one, for people to read, must agree with it."""

import ast
import inspect
import math
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

import gng_fast
from gng_fast import GrowingNeuralGas, Network, recipes
from gng_fast.parameters import (
    ARTICLE_EPS_N,
    AUTO,
    CHOICES,
    DEFAULTS,
    DRAWING_DEFAULTS,
    MODEL_DEFAULTS,
    N_JOBS,
    NETWORK_DEFAULTS,
    OPTIONAL,
    RANGES,
    check,
    check_end,
    count_threads,
    network_parameters,
)

pytestmark = pytest.mark.quick

PACKAGE = pathlib.Path(gng_fast.__file__).parent
ROOT = pathlib.Path(__file__).parents[1]

NETWORK = DEFAULTS | NETWORK_DEFAULTS
MODEL = DEFAULTS | MODEL_DEFAULTS


def entries(docstring):
    """The parameters of a numpydoc docstring and what it says of their kind: [(names, kind), ...]."""
    section = re.search(r"Parameters\n-+\n(.*?)(\n\n\w|\Z)", inspect.cleandoc(docstring), re.S)[1]
    return [(names.split(", "), kind) for names, kind in re.findall(r"^(\w+(?:, \w+)*) : (.+)$", section, re.M)]


def defaults_in(kind, n):
    """The defaults that "..., default X" or "..., defaults X and Y" names for n parameters, None if it names none."""
    found = re.search(r"defaults? (.+)$", kind)
    if not found:
        return None
    values = [ast.literal_eval(text) for text in found[1].split(" and ")]
    return values * n if len(values) == 1 else values


def number(text):
    """The number of "0.5", "1e-6", "2^30" or "inf"."""
    base, _, exponent = text.partition("^")
    return int(base) ** int(exponent) if exponent else math.inf if base == "inf" else float(base)


def ranges_in(kind):
    """The ranges that a kind names, as (low, low_open, high, high_open), where high may be None: nothing said of it."""
    what = re.sub(r"shape \(.*?\)", "", kind.partition("default")[0])
    pieces = re.findall(r"([\[(])([-\d.^e]+), ([-\d.^e]+|inf)([\])])|(>=|>) ([-\d.^e]+)", what)
    return [
        (number(low), left == "(", number(high), right == ")") if left else (number(least), sign == ">", None, True)
        for left, low, high, right, sign, least in pieces
    ]


def agrees(found, allowed):
    """Whether a range of `ranges_in` is that of parameters.py."""
    low, low_open, high, high_open = found
    if (low, low_open) != (allowed.low, allowed.low_open):
        return False
    if high is None:
        return True
    return allowed.high == (high - 1 if high_open and math.isfinite(high) else high)


def compare_kinds(docstring, defaults):
    """Compare what a docstring says of parameters with parameters.py; returns the names of which it says anything."""
    said = set()
    for names, kind in entries(docstring):
        values, ranges = defaults_in(kind, len(names)), ranges_in(kind)
        if values is not None:
            assert len(values) == len(names), kind
            for name, value in zip(names, values):
                assert name in defaults and value == defaults[name], f"{name}: {kind}"
                said.add(name)
        if ranges:
            assert len(ranges) in (1, len(names)), kind
            for name, found in zip(names, ranges * (len(names) // len(ranges))):
                assert agrees(found, RANGES.get(name, N_JOBS)), f"{name}: {kind}"
                said.add(name)
        for name in set(names) & set(CHOICES):
            assert set(re.findall(r'"(\w+)"', kind)) == set(CHOICES[name]), kind
    return said


# ---- what the code takes --------------------------------------------------------------------------------------------


def test_parameters_of_the_model():
    signature = inspect.signature(GrowingNeuralGas.__init__).parameters
    assert {name: it.default for name, it in signature.items() if name != "self"} == MODEL
    assert GrowingNeuralGas().get_params() == MODEL


def test_parameters_of_a_network():
    assert Network(2).parameters == DEFAULTS == network_parameters({})
    for name, default in {**DEFAULTS, **MODEL_DEFAULTS, **DRAWING_DEFAULTS, **NETWORK_DEFAULTS}.items():
        if name in ("eps_b_end", "eps_n_end"):
            assert check_end(name, default) == default == AUTO and check_end(name, None) is None
        elif name in RANGES or name in CHOICES:
            assert default is None or check(name, default) == default
    for name in OPTIONAL:
        assert check(name, None) is None
    assert count_threads(1) == 1 and count_threads(-1) >= 1


@pytest.mark.parametrize("recipe", [recipes.train, recipes.mesh])
def test_parameters_of_drawings(recipe):
    given = {name: it.default for name, it in inspect.signature(recipe).parameters.items()}
    shared = set(given) & set(DRAWING_DEFAULTS)
    assert {name: given[name] for name in shared} == {name: DRAWING_DEFAULTS[name] for name in shared}
    assert shared >= {"nodes", "epochs", "seed"}
    assert recipe is recipes.train or shared == set(DRAWING_DEFAULTS)


def test_drawings_are_trained_as_the_article_says():
    X = np.random.default_rng(0).random((200, 2), dtype=np.float32) * 100
    model = recipes.train(recipes.Points(X, (0, 0, 100, 100)), nodes=20)
    assert model.eps_n == ARTICLE_EPS_N == DRAWING_DEFAULTS["eps_n"] != DEFAULTS["eps_n"]
    text = (ROOT / "docs/differences.md").read_text(encoding="utf-8")
    article = dict(re.findall(r"^    (\w+)=([\d.]+),$", text, re.M))
    assert float(article["eps_n"]) == ARTICLE_EPS_N and int(article["max_nodes"]) == DRAWING_DEFAULTS["nodes"]


# ---- what people read -----------------------------------------------------------------------------------------------


def test_docstring_of_the_model():
    described = {name for names, _ in entries(GrowingNeuralGas.__doc__) for name in names}
    assert described == set(MODEL)
    assert compare_kinds(GrowingNeuralGas.__doc__, MODEL) == set(MODEL)


def test_docstring_of_the_network():
    assert compare_kinds(Network.__doc__, NETWORK) >= {"seed", "search"}


def stub_defaults(module, name):
    """The defaults of `__new__` of a class in the stub of a compiled module, and those of its methods."""
    tree = ast.parse((PACKAGE / "core" / f"{module}.pyi").read_text(encoding="utf-8"))
    (its_class,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    found = {}
    for method in (node for node in its_class.body if isinstance(node, ast.FunctionDef)):
        positional = method.args.args[len(method.args.args) - len(method.args.defaults) :]
        given = [*zip(positional, method.args.defaults), *zip(method.args.kwonlyargs, method.args.kw_defaults)]
        found[method.name] = {argument.arg: ast.literal_eval(value) for argument, value in given if value}
    return found


def test_stubs():
    network, signals = stub_defaults("network", "Network"), stub_defaults("signals", "Signals")
    assert network["__new__"] == NETWORK
    assert network["draw_start_nodes"] == {"n_start_nodes": MODEL_DEFAULTS["n_start_nodes"]}
    assert signals["__new__"] == {
        "sampling": MODEL_DEFAULTS["sampling"],
        "weights": None,
        "jitter": MODEL_DEFAULTS["jitter"],
    }


def test_comment_for_embedders():
    text = (PACKAGE / "core/embedding.pxd").read_text(encoding="utf-8").replace("\n# ", " ")
    listed = re.search(r"its defaults are ((?:[\d.]+, )+[\d.]+)\. ", text)[1]
    declared = re.search(r"gng_new\((.*?)\) except", text, re.S)[1]
    names = [name for name in re.findall(r"(\w+)(?:,|$)", declared) if name not in ("n_features", "seed")]
    assert names == ["max_nodes", "eps_b", "eps_n", "max_age", "lam", "alpha", "decay"]
    assert [float(value) for value in listed.split(", ")] == [DEFAULTS[name] for name in names]


def test_table_of_the_letters():
    text = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
    section = re.search(r"## The letters\n(.*?)\n## ", text, re.S)[1]
    said = {}
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| ([^|]+) \|$", section, re.M)
    assert rows.pop(0) == ("`max_nodes`", "from the data") and MODEL["max_nodes"] is None
    for names, default in rows:
        names = re.findall(r"\w+", names)
        values = default.split(", ")
        assert len(names) == len(values)
        said |= {name: float(value) for name, value in zip(names, values)}
    assert said == {name: DEFAULTS[name] for name in ("eps_b", "eps_n", "max_age", "lam", "alpha", "decay")}
    others = [name for name in re.findall(r"`(\w+)`", section.rpartition("|\n")[2]) if name in MODEL]
    assert {"max_nodes", *said, *others} == set(MODEL)
    off = others[others.index("jitter") :]
    assert off == ["jitter", "refine", "utility"] and "off by default: `jitter`" in section
    assert not any(MODEL[name] for name in off)


def test_guide_to_the_parameters():
    text = (ROOT / "docs/parameters.md").read_text(encoding="utf-8")
    said = re.findall(r"`(\w+)` (?:stayed at|is by default|has the default) ([\d.]+\d)", text)
    assert said
    assert [float(value) for _, value in said] == [MODEL[name] for name, _ in said]
    explained = set(re.findall(r"^- .*?\*\*`(\w+)", text, re.M))
    assert explained and explained <= set(MODEL)


@pytest.fixture(scope="module")
def help_of_draw():
    """What `gng-fast draw --help` says of each option with a default, option -> text."""
    ran = subprocess.run(
        [sys.executable, "-m", "gng_fast", "draw", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "1000"},
    )
    one_line_each = re.sub(r"\n {8,}", " ", ran.stdout)
    options = re.findall(r"^  (?:-\w(?: \w+)?, )?--([\w-]+)(?: \S+)?\s+(.*)$", one_line_each, re.M)
    return {name.replace("-", "_"): text for name, text in options}


def test_help_of_training(help_of_draw):
    said = {}
    for name in DRAWING_DEFAULTS:
        said[name] = re.search(r"default (.+?)(?: for [^;]*)?[;)]", help_of_draw[name])[1]
    assert said.pop("epochs").startswith("as many as it takes to grow all nodes") and DRAWING_DEFAULTS["epochs"] is None
    for name, text in said.items():
        assert text == str(DRAWING_DEFAULTS[name]), name


def test_help_of_the_numbers_of_nodes(help_of_draw):
    """The styles that need another number of nodes say so in their own recipes."""
    said = {}
    for count, names in re.findall(r"(\d+) for ([a-z]+(?: and [a-z]+)*)", help_of_draw["nodes"]):
        said |= dict.fromkeys(names.split(" and "), int(count))
    signatures = {style: inspect.signature(recipe).parameters for style, recipe in recipes.STYLES.items()}
    assert said == {style: its["nodes"].default for style, its in signatures.items()}
    assert len(set(said.values())) > 4


# ---- the readers of this file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "eps_b, eps_n : float in (0, 1] and [0, 1], defaults 0.2 and 0.005",
        "eps_b, eps_n : float in [0, 1] and [0, 1], defaults 0.2 and 0.006",
        "eps_b, eps_n : float in (0, 1] and (0, 1], defaults 0.2 and 0.006",
        "max_nodes : int in [2, 2^31], default 1000",
        "max_nodes : int in [2, 2^30], default 100",
        "max_nodes : int in [2, 2^30)",
        "random_state : None, int in [0, 2^64], default None",
        "random_state : None, int in [0, 2^64), default 0",
        "n_jobs : None or int, -1 or in [1, 1000], default None",
        "lam : int >= 0, default 100",
        "utility : None or float >= 1, default None",
        'variant : "fritzke" or "neupy", default "neupy"',
        'variant : "fritzke" or "numpy", default "fritzke"',
        "refine : bool, default True",
    ],
)
def test_a_wrong_docstring_is_found(kind):
    with pytest.raises(AssertionError):
        compare_kinds(f"Parameters\n----------\n{kind}\n    Text.\n", MODEL)
