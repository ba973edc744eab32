"""--config: options from a TOML file."""

from collections.abc import Sequence
from typing import Any

import click

from gng_fast.cli.kinds import File
from gng_fast.cli.messages import did_you_mean


def config_option(command: str, params: Sequence[click.Parameter]) -> click.Option:
    """Return the option of a command that reads its other options from a file."""
    options = {str(each.name): each for each in params if isinstance(each, click.Option)}

    def read(ctx: click.Context, _: click.Parameter, path: str | None) -> None:
        if path is not None and not ctx.resilient_parsing:
            try:
                ctx.default_map = _read(path, command, options)
            except ValueError as error:
                raise click.UsageError(str(error), ctx) from error

    return click.Option(
        ["--config"],
        type=File("FILE.toml"),
        is_eager=True,  # before the options that it stands in for
        expose_value=False,
        callback=read,
        help=f"options from a TOML file, as nodes = 3000, in a table [{command}] or above all tables; those given here "
        "come first",
    )


def _read(path: str, command: str, options: dict[str, click.Option]) -> dict[str, Any]:
    """The values of a file by the names of options, as they would be typed."""
    import tomllib  # which takes a while, and few commands need

    # a table of another command is read by that command
    from gng_fast.cli.commands import SUMMARIES

    try:
        with open(path, "rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise OSError(f"cannot read '{path}': {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"cannot read '{path}': it is no text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"cannot read '{path}': {error}") from error
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    for name in tables:
        if name not in SUMMARIES:
            raise ValueError(f"[{name}] in '{path}' is no command{did_you_mean(name, SUMMARIES)}")
    plain = {key: value for key, value in content.items() if key not in tables}
    values = {}
    for key, value in {**plain, **tables.get(command, {})}.items():
        name = key.replace("-", "_")
        if name not in options:
            raise ValueError(f"{key} in '{path}' is no option of {command}{did_you_mean(name, options)}")
        values[name] = _as_typed(value, options[name], f"{key} in '{path}'")
    return values


def _as_typed(value: Any, option: click.Option, where: str) -> Any:
    """A value of a file as it would be typed: a switch stays one, and lists get commas."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise ValueError(f"{where} must be true or false, got {value!r}")
        return value
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(part, (str, int, float)) and not isinstance(part, bool) for part in parts):
        raise ValueError(f"{where} must be a number, a word or a list of numbers, got {value!r}")
    return ",".join(map(str, parts))
