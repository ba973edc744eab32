"""What notebooks show of drawings and artworks: a picture, unless it is large, and short words."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest

from gng_fast import image, recipes
from gng_fast.art.drawing import Drawing, Layer

pytestmark = pytest.mark.quick
pytest.importorskip("PIL")
pytest.importorskip("skimage")


@pytest.mark.parametrize("style", ["mesh", "stipple", "glass", "glow"])
def test_a_drawing_shows_itself(style):
    artwork = recipes.make("horse", style, nodes=60)
    svg = artwork.drawing._repr_svg_()
    root = ElementTree.fromstring(svg)
    paths = root.findall("{http://www.w3.org/2000/svg}path")
    assert len(paths) == len(artwork.drawing.layers) + len(artwork.drawing.areas)
    assert sum(path.get("d").count("M") for path in paths) == artwork.drawing.n_strokes + len(artwork.drawing.areas)
    shown = artwork._repr_mimebundle_()
    assert shown["image/svg+xml"] == svg and shown["text/plain"] == repr(artwork)


def test_a_large_drawing_is_shown_in_pixels_and_in_words():
    line = np.stack([np.linspace(0, 100, 200_000)] * 2, axis=1)
    drawing = Drawing(100, 100, [Layer("black", "#000000", 0.3, [line])])
    assert drawing._repr_svg_() is None
    artwork = recipes.make("horse", nodes=30)
    artwork = recipes.Artwork(artwork.graph, drawing, artwork.error)
    shown = artwork._repr_mimebundle_()
    assert "image/svg+xml" not in shown and shown["image/png"].startswith(b"\x89PNG")
    assert len(shown["image/png"]) < 100_000


def test_words_are_short():
    artwork = recipes.make("horse", "glass", nodes=60)
    assert len(repr(artwork)) < 400 and len(repr(artwork.drawing)) < 100
    assert repr(Drawing(100, 50, [Layer("a", "#000000", 0.3, [[(0, 0), (1, 1)]])])) == (
        "<Drawing of 100 x 50 mm: 1 strokes in 1 layers>"
    )
    assert repr(Layer("a", "#000000", 0.3, [[(0, 0), (1, 1)]])) == "<Layer 'a': 1 strokes, #000000, 0.3 mm>"


def test_bytes_are_a_picture():
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.eye(20, dtype=np.uint8) * 255).save(file, "PNG")
    file.seek(0)
    assert np.array_equal(image.load(file.getvalue()), image.load(file))
    with pytest.raises(image.ImageError, match="the content is not an image"):
        image.load(b"nothing")
