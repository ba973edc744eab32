"""Write the pages of the API: one for each public door, with the names of its `__all__` and nothing else.

`conf.py` calls it before Sphinx looks for pages, so that a new name of a door has its page without further ado.
"""

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer

import gng_fast

#: The doors, in the order in which data passes them. The package itself holds the classes of the network.
DOORS = ("image", "drawing", "styles", "export", "recipes", "writing", "distributed", "progress", "reference")

# A value that is longer than this is not shown whole.
_LONGEST_VALUE = 100


def write(folder: Path) -> None:
    """Write `index.rst` and the page of every door into a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there. Pages that have not changed are not touched, so that Sphinx need not read them again.
    """
    folder.mkdir(exist_ok=True)
    doors = {f"gng_fast.{name}": getattr(gng_fast, name) for name in DOORS}
    # A door is an attribute of the package; autodoc imports what it documents by name, so here the name is a module.
    sys.modules.update(doors)
    names = [name for name in gng_fast.__all__ if not inspect.ismodule(getattr(gng_fast, name))]
    _write(folder / "network.rst", _page("gng_fast", gng_fast, names, "The network: gng_fast"))
    for name, door in doors.items():
        _write(folder / f"{name.rpartition('.')[2]}.rst", _page(name, door, _names(door), name))
    _write(folder / "index.rst", _index(doors))


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _index(doors: dict[str, ModuleType]) -> str:
    rows = [
        f"   * - :doc:`{name} <{name.rpartition('.')[2]}>`\n     - {_first_line(door)}" for name, door in doors.items()
    ]
    pages = ["network", *DOORS]
    return "\n".join(
        [
            _heading("API", "="),
            "Everything on these pages is public. What is not listed here may change without notice.",
            "",
            ".. list-table::",
            "",
            "   * - :doc:`gng_fast <network>`\n     - The estimator, its graph, and the compiled network.",
            *rows,
            "",
            "``import gng_fast`` is enough: ``gng_fast.image`` and the others are loaded when they are first used."
            " The functions for Cython are on the page :doc:`/embedding`.",
            "",
            ".. toctree::",
            "   :hidden:",
            "",
            *(f"   {page}" for page in pages),
            "",
        ]
    )


def _page(name: str, door: ModuleType, names: list[str], title: str) -> str:
    """The page of one door: its docstring, tables of its classes, exceptions and functions, and its constants."""
    things = {name: getattr(door, name) for name in names}
    classes = [name for name, thing in things.items() if inspect.isclass(thing) and not issubclass(thing, Exception)]
    errors = [name for name, thing in things.items() if inspect.isclass(thing) and issubclass(thing, Exception)]
    functions = [name for name, thing in things.items() if inspect.isroutine(thing)]
    constants = [name for name in names if name not in {*classes, *errors, *functions}]
    lines = [
        _heading(title, "="),
        *(["" if door is gng_fast else inspect.getdoc(door) or "", ""]),
        f".. currentmodule:: {name}",
        "",
    ]
    for heading, group in ("Classes", classes), ("Functions", functions), ("Exceptions", errors):
        if group:
            lines += [_heading(heading, "-"), ".. autosummary::", "   :toctree: generated", ""]
            lines += [f"   {one}" for one in group] + [""]
    if constants:
        comments = _comments(door)
        lines.append(_heading("Constants", "-"))
        for one in constants:
            lines += [f".. py:data:: {one}", *_value(things[one]), ""]
            lines += [f"   {line}" for line in comments.get(one, [])] + [""]
    return "\n".join(lines)


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n"


def _first_line(door: ModuleType) -> str:
    return (inspect.getdoc(door) or "").partition("\n")[0]


def _names(door: ModuleType) -> list[str]:
    """The public names of a door: those of `__all__`, or of the classes and functions that are defined in it."""
    if hasattr(door, "__all__"):
        return list(door.__all__)
    return [
        name
        for name, thing in vars(door).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == door.__name__
    ]


def _value(value: object) -> list[str]:
    text = repr(value)
    if isinstance(value, dict):
        text = f"{{{', '.join(f'{key!r}: ...' for key in value)}}}"
    return [f"   :value: {text}"] if len(text) <= _LONGEST_VALUE or isinstance(value, (dict, tuple)) else []


def _comments(door: ModuleType) -> dict[str, list[str]]:
    """What the `#:` comments beside constants say, by the name of the constant, from all modules of the door's room."""
    modules = [door.__name__]
    if hasattr(door, "__path__"):
        modules += [f"{door.__name__}.{found.name}" for found in pkgutil.iter_modules(door.__path__)]
    comments: dict[str, list[str]] = {}
    for module in modules:
        importlib.import_module(module)
        try:
            found = ModuleAnalyzer.for_module(module).find_attr_docs()
        except PycodeError:  # a compiled module
            continue
        comments |= {name: text for (where, name), text in found.items() if not where}
    return comments
