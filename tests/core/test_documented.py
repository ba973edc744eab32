"""What the core's docstrings and stubs say is what it does."""

import ast
import doctest
import pathlib

import pytest

import gng_fast
from gng_fast import Network, Signals
from gng_fast.parameters import CHOICES, DEFAULTS
from gng_fast.reference import ReferenceNetwork

STUBS = pathlib.Path(gng_fast.__file__).parent / "core"


@pytest.mark.parametrize("documented", [Network, ReferenceNetwork])
def test_examples(documented):
    example = doctest.DocTestParser().get_doctest(documented.__doc__, {}, documented.__name__, None, None)
    assert example.examples
    result = doctest.DocTestRunner().run(example)
    assert result.failed == 0


def constructor(stub, name):
    """The arguments that may be given by name to the constructor of a class of a stub: annotation and default."""
    tree = ast.parse((STUBS / stub).read_text(encoding="utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    (new,) = (node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "__new__")
    arguments = [*new.args.args, *new.args.kwonlyargs]
    defaults = [*[None] * (len(new.args.args) - len(new.args.defaults)), *new.args.defaults, *new.args.kw_defaults]
    return {argument.arg: (argument.annotation, default) for argument, default in zip(arguments, defaults)}


def choices(annotation):
    """The words of a Literal."""
    assert annotation.value.id == "Literal"
    return tuple(word.value for word in annotation.slice.elts)


def test_the_stub_of_network_has_every_parameter_and_its_default():
    arguments = constructor("network.pyi", "Network")
    assert set(arguments) == {"cls", "n_features", "seed", "search", *DEFAULTS}
    for name, default in DEFAULTS.items():
        assert ast.literal_eval(arguments[name][1]) == default, name
    for name in ("search", "variant"):
        assert choices(arguments[name][0]) == CHOICES[name]


def test_the_stub_of_signals_has_every_sampling():
    arguments = constructor("signals.pyi", "Signals")
    assert choices(arguments["sampling"][0]) == CHOICES["sampling"]
    assert Signals([[1.0]]).weights is None and ast.literal_eval(arguments["weights"][1]) is None
