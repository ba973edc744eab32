"""Settings of the Sphinx site, which is built without the network:

python -m sphinx -W --keep-going -b html docs build/html
"""

import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import api_pages  # noqa: E402  it lies beside this file
import exported_images  # noqa: E402

import gng_fast  # noqa: E402

project = "gng_fast"
author = "the gng_fast authors"
project_copyright = "the gng_fast authors, MIT licence"
version = release = gng_fast.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["**/README_*.md", "auto_tutorials/*.py", "auto_tutorials/*.ipynb", "tutorials"]
templates_path = ["_templates"]
root_doc = "index"

# What docstrings write in single backticks is a name of Python: a link where the name has a page, else code.
default_role = "py:obj"
autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's Parameters say it in words
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the template of a class lists them

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3

suppress_warnings = ["config.cache"]  # the settings of the gallery hold functions

sphinx_gallery_conf = {
    "examples_dirs": "tutorials",
    "gallery_dirs": "auto_tutorials",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("matplotlib", exported_images.scrape),
    "reset_modules": ("matplotlib",),
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "abort_on_example_error": True,
    "show_signature": False,
    "remove_config_comments": True,
    "notebook_images": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "gng_fast"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {page: [] for page in ("drawing", "gallery/README", "contributing", "changelog")}  # they have no parts
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "github_url": "https://github.com/gng-fast/gng_fast",
    "navbar_align": "left",
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}

warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")

api_pages.write(HERE / "api")
