"""The command line that makes a drawing again."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def command_words(
    source: Any, style: str, options: Mapping[str, Any], name: Callable[[str], str] = os.path.basename
) -> list[str]:
    """Return the words of the command that draws a picture in a style, but for where the drawing goes.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        What is no file is called PICTURE.
    style : str
    options : mapping of str to object
        Those of `gng_fast.recipes.make`; None and False are as good as not given.
    name : callable(str) -> str
        What a file is called; by default without its folders, which is all that others may see.

    Returns
    -------
    list of str
    """

    def word(value: Any) -> str:
        if isinstance(value, (str, os.PathLike)):
            return name(os.fspath(value))
        if isinstance(value, (tuple, list)):
            return ",".join(map(str, value))
        return str(value) if np.isscalar(value) else "PICTURE"

    picture = word(source)
    if picture.startswith("-") and picture != "-":
        picture = os.path.join(os.curdir, picture)  # else it would be an option
    words = ["gng-fast", "draw", picture, "--style", style]
    # in order of the names, so that it does not matter in which they were given
    for option, value in sorted(options.items()):
        if option != "callback" and value is not None and value is not False:
            words += [f"--{option.replace('_', '-')}", *([] if value is True else [word(value)])]
    return words
