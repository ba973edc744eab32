"""Show in a tutorial the PNG, SVG and GIF files that its code wrote: an image scraper for sphinx-gallery."""

import shutil
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

ENDINGS = (".png", ".svg", ".gif")


def scrape(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Move the pictures that a block of a tutorial wrote into the gallery, and return the text that shows them.

    Parameters
    ----------
    block : any
        The block of code that has just run; its text is not needed.
    block_vars : dict
        What sphinx-gallery knows of the tutorial: its file and the iterator over paths for pictures.
    gallery_conf : dict
        The settings of the gallery.

    Returns
    -------
    str
        reStructuredText, empty if the block wrote no picture.
    """
    folder = Path(block_vars["src_file"]).parent
    shown = []
    for path in sorted(path for path in folder.iterdir() if path.suffix in ENDINGS):
        place = Path(next(block_vars["image_path_iterator"])).with_suffix(path.suffix)
        shutil.move(path, place)
        shown.append(str(place))
    return str(figure_rst(shown, gallery_conf["src_dir"]))
