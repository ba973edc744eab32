"""Where pictures come from and where files go: paths, standard input and output, folders and patterns."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from gng_fast.art.image.loading import FRAME, load
from gng_fast.art.image.picture import Source
from gng_fast.files import PathOrFile, check_target

#: Standard input or output.
STANDARD = "-"
#: What the name of a picture takes the place of in a pattern of names.
NAME = "{name}"
# No picture is longer: more pixels than may be loaded have not half of it.
_MOST_BYTES = 1 << 30
# What a terminal can show.
_TEXT = (".csv", ".obj", ".svg", ".json", ".graphml", ".gml", ".html")


class _Input(io.BytesIO):
    """What was read from standard input, by its name in messages."""

    name = "standard input"


def source_at(place: str, frame: int | None) -> Source:
    """Return a picture to draw: its path or name, or what comes from standard input.

    frame : that of a file with several, from 0
    """
    if frame is not None:
        frame = int(FRAME.check("frame", frame))
    if place != STANDARD:
        return place if frame is None else f"{place}[{frame}]"
    if sys.stdin.isatty():
        raise ValueError("standard input is a terminal: pipe a picture into it, or give the name of a file")
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError("standard input is too big for a picture")
    return load(_Input(data), frame=frame)


def ending_for(out: str, format: str | None, endings: Iterable[str]) -> str:
    """Return the ending that says what is written: that of the file, or for standard output and folders the format.

    endings : those that there are, the usual one first
    """
    endings = list(endings)
    ending = f".{format}" if format else endings[0]
    if out == STANDARD or is_folder(out, endings):
        return ending
    own = Path(out).suffix.lower()
    if own not in endings:
        raise ValueError(f"cannot write '{out}': the ending must be one of {', '.join(endings)}")
    if format and own != ending:
        raise ValueError(f"format must be that of '{out}', got {format}")
    return own


def is_folder(out: str, endings: Iterable[str]) -> bool:
    """Whether files are written into a folder of that name: it ends as one, or is one and does not end as a file."""
    return out.endswith(("/", os.sep)) or (os.path.isdir(out) and Path(out).suffix.lower() not in endings)


def outs_for(pictures: Sequence[str], out: str, ending: str, endings: Iterable[str]) -> list[str]:
    """Return where the drawing of each picture goes.

    Raises ValueError where two would go to the same file.
    """
    if is_folder(out, endings):
        pattern = os.path.join(out, NAME + ending)
    elif NAME in out or len(pictures) == 1:
        pattern = out
    else:
        raise ValueError(f"out must be a folder/ or have {NAME} in it for {len(pictures)} pictures, got '{out}'")
    found: dict[str, str] = {}
    for picture in pictures:
        path = pattern.replace(NAME, "picture" if picture == STANDARD else Path(picture).stem)
        if path in found:
            raise ValueError(f"'{found[path]}' and '{picture}' would both be drawn as '{path}'")
        found[path] = picture
    return list(found)


def make_folder(path: str) -> None:
    """Make a folder, and those that it is in, unless it is there."""
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError as error:
        raise OSError(f"cannot make the folder '{path}': a file is called so") from error
    except OSError as error:
        raise OSError(f"cannot make the folder '{path}': {error.strerror}") from error


def check_out(out: str, sources: Iterable[str | None], replace: bool, ending: str = "", what: str = "picture") -> None:
    """Raise ValueError if a file to write is one that is read, perhaps by another name, OSError if it cannot be.

    That is said before the work, which may take minutes, and not after it.

    sources : the files that are read
    replace : whether a file that is there may be replaced
    what : what the files that are read are
    """
    if out == STANDARD:
        if sys.stdout.isatty() and ending not in _TEXT:
            raise ValueError(
                f"standard output is a terminal, which shows no {ending} file: send it to a file or a pipe"
            )
        return
    for source in sources:
        if source is not None and os.path.isfile(source) and os.path.exists(out) and os.path.samefile(source, out):
            raise ValueError(f"cannot write '{out}': it is a {what} that is read")
    check_target(out)
    if not replace and os.path.lexists(out):
        raise ValueError(f"cannot write '{out}': it is there already (--no-clobber)")


def write_to(out: str, write: Callable[[PathOrFile], None]) -> None:
    """Write a file, or to standard output, to which nothing goes before all is there."""
    if out != STANDARD:
        write(out)
        return
    buffer = io.BytesIO()
    write(buffer)
    sys.stdout.buffer.write(buffer.getvalue())
    sys.stdout.buffer.flush()


def tell(out: str, text: str) -> None:
    """Print something about a file: to standard error if the file itself goes to standard output."""
    click.echo(text, err=out == STANDARD)


def called(out: str) -> str:
    """Return what a place is called in a message."""
    return "standard output" if out == STANDARD else out
