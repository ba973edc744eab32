"""Libraries that come with an extra: the one place that says what to install."""

from importlib import import_module
from typing import Any

# Library -> what pip is to install: extras of ours, but for igraph, whose licence (GPL) is for users to choose, and
# PyArrow, which is large and seldom needed.
_INSTALLED_BY = {
    "PIL": "'gng-fast[art]'",
    "skimage": "'gng-fast[art]'",
    "scipy": "'gng-fast[art]'",
    "networkx": "'gng-fast[art]'",
    "pandas": "'gng-fast[graph]'",
    "matplotlib": "'gng-fast[graph]'",
    "vpype": "'gng-fast[vpype]'",
    "igraph": "igraph",
    "pyarrow": "pyarrow",
    "sklearn": "'gng-fast[sklearn]'",
    "dask": "'gng-fast[distributed]'",
    "distributed": "'gng-fast[distributed]'",
    "fsspec": "'gng-fast[distributed]'",
    "starlette": "'gng-fast[studio]'",
    "uvicorn": "'gng-fast[studio]'",
    "websockets": "'gng-fast[studio]'",
}
_NAMES = {
    "PIL": "Pillow",
    "skimage": "scikit-image",
    "scipy": "SciPy",
    "sklearn": "scikit-learn",
    "pyarrow": "PyArrow",
    "dask": "Dask",
    "starlette": "Starlette",
}


def need(module: str, what: str, extra: str | None = None) -> Any:
    """Import a module of a library that may not be there, and return it.

    Parameters
    ----------
    module : str
        Such as "scipy.spatial"; its library must be known here.
    what : str
        What it is needed for, the subject of the message.
    extra : str, optional
        The extra to name, where it is another than the usual one that brings the library.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        Such as "to_pandas needs pandas: pip install 'gng-fast[graph]'".
    """
    library = module.partition(".")[0]
    try:
        import_module(library)  # first, so that the error is about the library where it is missing, not about a part
        return import_module(module)
    except ImportError as error:
        # a library that is there but broken says more than that it is missing
        why = "" if isinstance(error, ModuleNotFoundError) and error.name == library else f" ({error})"
        packages = _INSTALLED_BY[library] if extra is None else f"'gng-fast[{extra}]'"
        raise ImportError(f"{what} needs {_NAMES.get(library, library)}{why}: pip install {packages}") from error
