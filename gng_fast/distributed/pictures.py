"""`draw_many`: one drawing of each of many pictures."""

import posixpath
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

from gng_fast.art import export, recipes
from gng_fast.distributed.clients import client_or_local, need_dask
from gng_fast.optional import need

#: Files that a folder is searched for.
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")


class Drawn(NamedTuple):
    """What became of a picture.

    Parameters
    ----------
    picture : str
        Path or URL of the picture.
    out : str or None
        Path or URL of its drawing; None if it could not be drawn.
    error : str or None
        Why it could not be drawn, in one line; None if it was.
    """

    picture: str
    out: str | None
    error: str | None


def draw_many(
    pictures: str | PathLike[str] | Iterable[str | PathLike[str]],
    out: str | PathLike[str],
    client: Any = None,
    *,
    style: str = "mesh",
    ending: str = ".svg",
    callback: Callable[[int, int, Drawn], object] | None = None,
    **options: Any,
) -> list[Drawn]:
    """Draw many pictures, each as `gng_fast.recipes.make` does, and write the drawings into a folder.

    A picture that cannot be drawn is reported; the others are drawn all the same.

    Parameters
    ----------
    pictures : path of a folder, pattern such as ``photos/*.jpg``, or iterable of paths
        A folder's pictures are its files ending in .png, .jpg, .jpeg, .gif, .webp, .bmp, .tif and .tiff. All may be
        URLs that fsspec knows ("s3://bucket/photos", with s3fs installed), and must be within reach of all workers.
    out : path or URL of a folder
        It is made if it is not there. A drawing has the name of its picture, with another ending. Where the names of
        two pictures differ in their ending alone, all drawings keep the ending of the picture before their own.
    client : distributed.Client, optional
        The cluster. By default one is made, with a process for each core of this machine.
    style : str, default "mesh"
        The look of the drawings, as in `gng_fast.recipes.make`.
    ending : one of `gng_fast.export.FORMATS`, default ".svg"
        The kind of file to write.
    callback : callable(done, total, drawn), optional
        Called after each picture, in the order in which they are done.
    **options
        As in `gng_fast.recipes.make`.

    Returns
    -------
    list of Drawn
        One for each picture: in the order of names for a folder or pattern, in the given order for an iterable.

    Raises
    ------
    ValueError, TypeError
        If a style, option or ending is unknown, or there is no picture; nothing is drawn then.
    ImportError
        If Dask is not installed: pip install 'gng-fast[distributed,art]'.
    OSError
        If the folders cannot be used.

    Examples
    --------
    >>> from gng_fast import distributed
    >>> for drawn in distributed.draw_many("photos", "drawings", style="tone", page="a4"):  # doctest: +SKIP
    ...     print(drawn.error or drawn.out)
    drawings/beach.svg
    photos/broken.jpg is not an image that can be read
    """
    as_completed = need_dask()[1].as_completed
    export.format_of(f"drawing{ending}")
    recipes.check_options(style, options)
    paths = _paths(pictures)
    outs = [posixpath.join(fspath(out), name) for name in _names(paths, ending)]
    _make_folder(fspath(out))
    found: dict[int, Drawn] = {}
    with client_or_local(client) as client:
        futures = client.map(_draw_one, paths, outs, style=style, options=options, pure=False)
        numbers = {future.key: number for number, future in enumerate(futures)}
        for future in as_completed(futures):
            number = numbers[future.key]
            # a picture that ends the worker, for want of memory say, is an error of Dask's
            found[number] = (
                future.result()
                if future.status == "finished"
                else Drawn(paths[number], None, f"cannot draw '{paths[number]}': {_first_line(future.exception())}")
            )
            if callback:
                callback(len(found), len(paths), found[number])
    return [found[number] for number in range(len(paths))]


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a path or URL, and the path within it."""
    system, inside = need("fsspec.core", "gng_fast.distributed").url_to_fs(url)
    return system, inside


def _paths(pictures: str | PathLike[str] | Iterable[str | PathLike[str]]) -> list[str]:
    """The paths or URLs of the pictures."""
    if not isinstance(pictures, (str, PathLike)):
        paths = [fspath(path) for path in pictures]
    else:
        where = fspath(pictures)
        system, inside = _file_system(where)
        if any(letter in where for letter in "*?["):
            found = system.glob(inside)
        elif system.isdir(inside):
            found = [path for path in system.ls(inside, detail=False) if path.lower().endswith(PICTURES)]
        else:
            raise FileNotFoundError(f"cannot read '{where}': there is no such folder")
        paths = [system.unstrip_protocol(path) if "://" in where else path for path in sorted(found)]
    if not paths:
        raise ValueError(f"pictures must be at least one, found none in '{pictures}'")
    return paths


def _make_folder(out: str) -> None:
    system, inside = _file_system(out)
    system.makedirs(inside, exist_ok=True)


def _names(paths: list[str], ending: str) -> list[str]:
    """The drawings' names, no two of them alike."""
    names = [posixpath.basename(path) for path in paths]
    stems = [posixpath.splitext(name)[0] for name in names]
    if len(set(stems)) == len(stems):
        names = stems
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"pictures must have different names, got two called '{twice[0]}'")
    return [name + ending for name in names]


def _draw_one(picture: str, out: str, style: str, options: dict[str, Any]) -> Drawn:
    """Draw one picture, on a worker: it is brought here if it is elsewhere, and so is the drawing brought back."""
    (source, inside), (target, there) = _file_system(picture), _file_system(out)
    with tempfile.TemporaryDirectory() as folder:
        here, drawing = Path(picture), Path(out)
        try:
            if "://" in picture:
                here = Path(folder, posixpath.basename(inside))
                source.get_file(inside, str(here))
            if "://" in out:
                drawing = Path(folder, f"drawing{posixpath.splitext(out)[1]}")
            artwork = recipes.make(str(here), style, **options)
            export.save(drawing, graph=artwork.graph, drawing=artwork.drawing)
            if "://" in out:
                target.put_file(str(drawing), there)
        except (ValueError, TypeError, OSError, MemoryError) as error:
            return Drawn(picture, None, _first_line(error).replace(str(here), picture))
    return Drawn(picture, out, None)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
