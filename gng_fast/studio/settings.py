"""What a page asks for, as options of the recipes, as a command line and as Python that make the same file."""

import inspect
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from gng_fast.art import image, recipes
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing.handwriting import trace_handwriting
from gng_fast.art.writing.strokes import strokes
from gng_fast.art.writing.words import HYPHENS, find_words
from gng_fast.parameters import RANGES

#: What a page may make of a picture.
MODES = ("draw", "words", "strokes")
#: What the file of the mask is called where it has to be named.
MASK_NAME = "mask.png"
# What the modes for writing are made by, and the options of these that a page may set, besides that of words alone.
_MAKERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "words": (find_words, groups),
    "strokes": (trace_handwriting, strokes),
}
_WRITING = ("crop", "seed", "size", "margin", "pen")
_HYPHEN = recipes.Option("hyphen", "word", "how many words a word with a hyphen is", "writing", choices=HYPHENS)


@dataclass(frozen=True)
class Settings:
    """What a page asks for.

    Attributes
    ----------
    mode : str
        One of `MODES`.
    style : str
        One of `gng_fast.recipes.STYLES`.
    options : dict
        Options of `recipes.make`, or of the functions for writing, that are not left to their defaults.
    masked : bool
        Whether the painted mask is used.
    """

    mode: str = "draw"
    style: str = "mesh"
    options: dict[str, Any] = field(default_factory=dict)
    masked: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Settings":
        """Return the settings that a page tells; raise ValueError for what there is not."""
        mode, style = told.get("mode", "draw"), told.get("style", "mesh")
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        recipes.check_options(style, ())
        known = {option.name: option for option in options_of(mode, style)}
        options = {}
        for name, value in dict(told.get("options", {})).items():
            if name not in known or known[name].type == "picture":
                raise ValueError(f"{name} is not for {style if mode == 'draw' else mode}")
            if value is not None:
                options[name] = _value(name, known[name].type, value)
        return cls(mode, style, options, bool(told.get("masked")) and mode == "draw")

    def get(self, name: str, default: Any = None) -> Any:
        """Return an option, by default that of the style."""
        return self.options.get(name, recipes.defaults(self.style).get(name, default))

    @property
    def page(self) -> dict[str, Any]:
        """The options of `gng_fast.drawing.fit_page`."""
        return {name: self.options[name] for name in ("size", "margin", "page") if name in self.options}


def options_of(mode: str, style: str) -> tuple[recipes.Option, ...]:
    """Return the options that a page may set."""
    if mode == "draw":
        return recipes.options(style)
    parameters: dict[str, inspect.Parameter] = {}
    for maker in _MAKERS[mode]:
        parameters |= inspect.signature(maker).parameters
    options = (_HYPHEN, *(recipes.TABLE[name] for name in _WRITING))
    return tuple(option.of(parameters[option.name]) for option in options if option.name in parameters)


def _value(name: str, kind: str, value: Any) -> Any:
    """The value of an option as a command line would read it: 10 and 10.0 are to be the same in every file."""
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be {_NAMES.get(kind, f'a {kind}')}, got {value!r}") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value:
        raise ValueError
    return int(value)


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _several(number: Callable[[Any], Any], n: int | None, values: Any) -> tuple[Any, ...]:
    if not isinstance(values, list) or (n is not None and len(values) != n):
        raise ValueError
    return tuple(number(value) for value in values)


_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _whole,
    "float": float,
    "bool": _switch,
    "word": _word,
    "page": _word,
    "float or word": lambda value: _word(value) if isinstance(value, str) else float(value),
    "pens": lambda value: _several(float, None, value) if isinstance(value, list) else float(value),
    "box": lambda value: _several(_whole, 4, value),
    "levels": lambda value: _several(float, 2, value),
}
_NAMES = {"int": "a whole number", "float": "a number", "box": "four whole numbers", "levels": "two numbers"}


# ---- the same in a shell and in Python ------------------------------------------------------------------------------


def command_of(settings: Settings, picture: str, ending: str = ".svg") -> str:
    """Return the command line that writes the same file."""
    out = PurePath(picture).stem + ending
    if settings.mode == "draw":
        return f"{recipes.command_line(picture, settings.style, named(settings))} -o {shlex.quote(out)}"
    words = ["gng-fast", settings.mode, picture]
    for name, value in settings.options.items():
        words += [f"--{name}", ",".join(map(str, value)) if isinstance(value, tuple) else str(value)]
    return shlex.join([*words, "-o", out])


def named(settings: Settings) -> dict[str, Any]:
    """Return the options with the mask by its name."""
    return settings.options | ({"mask": MASK_NAME} if settings.masked else {})


def python_of(settings: Settings, picture: str) -> str:
    """Return the lines of Python that write the same file."""
    out = PurePath(picture).stem + ".svg"
    options = named(settings)
    if settings.mode == "draw":
        arguments = [repr(picture), repr(settings.style), *_keywords(options, options)]
        return (
            f"from gng_fast import recipes\n\nartwork = recipes.make({', '.join(arguments)})\nartwork.save({out!r})\n"
        )
    page = ", ".join(_keywords(options, ("size", "margin", "pen")))
    given = ", ".join([repr(picture), *_keywords(options, ("hyphen", "crop", "seed"))])
    find = "find_words" if settings.mode == "words" else "trace_handwriting"
    return (
        f"from gng_fast import export, writing\n\nfound = writing.{find}({given})\n"
        f"export.save({out!r}, drawing=found.drawing({page}))\n"
    )


def _keywords(options: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of the options that are given, as arguments."""
    return [f"{name}={options[name]!r}" for name in names if name in options]


# ---- what the page needs to know to make its controls ---------------------------------------------------------------


def controls() -> dict[str, Any]:
    """Return all modes, styles, presets and options, for the page to make its controls of."""
    return {
        "styles": {style: [_told(option) for option in recipes.options(style)] for style in recipes.STYLES},
        "writing": {mode: [_told(option) for option in options_of(mode, "mesh")] for mode in ("words", "strokes")},
        "growing": list(recipes.GROWING),
        "presets": {name: {"about": about, "options": given} for name, (about, given) in recipes.PRESETS.items()},
        "pictures": list(image.BUILT_IN),
        "largest_seed": int(min(RANGES["seed"].high, 2**31 - 1)),
    }


def _told(option: recipes.Option) -> dict[str, Any]:
    """An option as JSON."""
    limits = None
    if option.range is not None:
        # JSON knows no infinity
        low, high = (end if abs(end) < 1e18 else None for end in (option.range.low, option.range.high))
        limits = [low, high]
    told = {name: getattr(option, name) for name in _FACTS if getattr(option, name)}
    return {**told, "default": option.default, "range": limits}


_FACTS = ("name", "type", "help", "group", "unit", "usual", "step", "choices", "none", "optional")
