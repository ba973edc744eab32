"""Kinds of values that options take, how they are read, and how they are completed in a shell."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from gng_fast.cli.messages import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Kind = click.ParamType[Any]
else:
    Kind = click.ParamType  # which takes no parameter in older versions of click

_PENS_OF_A_RANGE = 12


class Words(Kind):
    """One of some words; a message about another names the likeliest that was meant."""

    name = "WORD"

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            meant = did_you_mean(str(value), self.words)
            self.fail(f"must be one of {', '.join(self.words)}, got '{value}'{meant}", param, ctx)
        return str(value)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "|".join(self.words)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        return _completed(self.words, incomplete)


class Text(Kind):
    """Any text, of which some words are known to the shell."""

    def __init__(self, name: str, words: Iterable[str] = ()) -> None:
        self.name = name
        self.words = tuple(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        return _completed(self.words, incomplete)


class File(Text):
    """The name of a file, or of something else that is known by name."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        return [*super().shell_complete(ctx, param, incomplete), CompletionItem(incomplete, type="file")]


class NumberOrWord(Text):
    """A threshold, or the name of one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        try:
            number = float(value)
        except ValueError:
            return str(value)
        if not math.isfinite(number):
            self.fail(f"must be a number in [0, 1] or a word, got '{value}'", param, ctx)
        return number


class Whole(Kind):
    """A whole number."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(value)
        except ValueError:
            self.fail(f"must be a whole number, got '{value}'", param, ctx)


class Number(Kind):
    """A number."""

    name = "X"

    def __init__(self, name: str = "X") -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(value)
        except ValueError:
            self.fail(f"must be a number, got '{value}'", param, ctx)


class Length(Kind):
    """A length in mm, or with its unit."""

    name = "MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from gng_fast.art.drawing import millimetres  # which help does not need

        try:
            return millimetres(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Numbers(Kind):
    """Some numbers with commas between them.

    name : what they are, with commas too
    kind : int or float
    """

    def __init__(self, name: str, kind: type[int] | type[float], what: str) -> None:
        self.name = name
        self.kind = kind
        self.what = what

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...] | tuple[int, ...]:
        try:
            numbers = tuple(self.kind(part) for part in str(value).split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != len(self.name.split(",")):
            self.fail(f"must be {self.name}, {self.what}, got '{value}'", param, ctx)
        return numbers


class Pens(Kind):
    """A width, widths with commas, or a range of them."""

    name = "MM"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | tuple[float, ...]:
        import numpy as np  # which help does not need

        text = str(value)
        try:
            if "-" in text[1:]:
                low, high = (float(part) for part in text.split("-"))
                return tuple(np.geomspace(low, high, _PENS_OF_A_RANGE).round(3).tolist())
            pens = tuple(float(part) for part in text.split(","))
        except ValueError:
            self.fail(f"must be a width in mm, widths with commas or a range, got '{text}'", param, ctx)
        return pens[0] if len(pens) == 1 else pens


def _completed(words: Iterable[str], start: str) -> "list[CompletionItem]":
    """The words that begin so, for a shell."""
    from click.shell_completion import CompletionItem  # which nothing but completion needs

    return [CompletionItem(word) for word in words if word.startswith(start)]
