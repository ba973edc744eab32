"""Photos without options: what they are judged by (bench/quality/photos.py), and what must not change."""

import numpy as np
import pytest

pytest.importorskip("skimage")

from scripts import script

from gng_fast import image, recipes
from gng_fast.cli import main

quality = script("bench/quality/photos.py")


# ---- the metric -----------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_measures_of_pages_made_by_hand():
    plane = image.grey(image.load("camera"))
    itself, empty = quality.measure(1 - plane, plane), quality.measure(plane, plane)
    assert itself == pytest.approx({"tone": 1, "detail": 1}) and empty == pytest.approx({"tone": -1, "detail": -1})
    # of the right tone, without any detail
    vague = quality.measure(quality.ndimage.gaussian_filter(1 - plane, 30), plane)
    assert vague["tone"] > 0.85 and vague["detail"] < 0.45
    good, bad = {"tone": 0.9, "detail": 0.7}, {"tone": 0.6, "detail": 0.7}
    assert quality.missed([good, good]) == [] and quality.missed([good, good, bad]) == ["least tone 0.600 is below 0.7"]
    assert len(quality.missed([bad])) == 2


# ---- photos by default ----------------------------------------------------------------------------------------------


def test_photos_by_default_meet_the_targets():
    values = []
    for name in quality.PHOTOS:
        if path := quality.path_of(name):
            plane = image.shrink(image.load(path), image.AUTO_PIXELS)
            R, graph = quality.draw(path, plane)
            values.append(quality.measure(R, plane))
            assert quality.most_bare(graph, path, threshold="auto") < 1
    assert len(values) >= 6 and quality.missed(values) == []


def test_otsu_misses_them():
    values = []
    for name in ("rocket", "chelsea"):
        path = quality.path_of(name)
        plane = image.grey(image.load(path))
        values.append(quality.measure(quality.draw(path, plane, threshold="otsu")[0], plane))
    assert len(quality.missed(values)) == 4


def test_more_pixels_give_the_same_ink():
    small = image.load("camera")[:400]
    large = np.repeat(np.repeat(small, 4, axis=0), 4, axis=1)
    inked = {}
    for name, picture in ("small", small), ("large", large):
        points = recipes.points_of(picture, threshold="auto")
        mask = np.zeros(points.shape)
        mask[-points.X[:, 1].astype(int), points.X[:, 0].astype(int)] = 1
        inked[name] = image.shrink(mask, 10_000) > 0.5
    assert inked["small"].shape == inked["large"].shape and (inked["small"] == inked["large"]).mean() > 0.985


@pytest.mark.quick
def test_light_subjects_get_outlines():
    """A light disc with petals, on paper: Otsu's threshold finds only the dark square beside it."""
    y, x = np.mgrid[:300, :400]
    disc = np.hypot(x - 150, y - 150) < 80
    picture = np.where(disc, 0.95, 0.8)
    picture[100:200, 300:380] = 0.1
    outline = abs(np.hypot(x - 150, y - 150) - 80) < 5
    assert image.threshold(picture, "auto")[outline].mean() > 0.2
    assert not image.threshold(picture, "otsu")[outline].any()


def test_a_few_lamps_at_night_are_not_all_that_is_light():
    """Otsu's threshold has the lamps alone on its other side: a drawing of that is an even net."""
    night = quality.HELD_OUT["dark"](image.grey(image.load("rocket")))
    assert image.threshold(night, "otsu").mean() > 0.95
    assert 0.7 < image.threshold(night, "auto").mean() < 0.9


def test_craters_are_not_all_that_is_dark():
    moon = image.grey(image.load("moon"))
    assert image.threshold(moon, "otsu").mean() < 0.05 < 0.1 < image.threshold(moon, "auto").mean()


@pytest.mark.quick
def test_edges_that_bridge_bare_paper_are_left_out():
    picture = np.ones((100, 200))
    picture[20:80, 10:70] = picture[20:80, 130:190] = 0
    artwork = recipes.make(picture, nodes=120)
    x = artwork.graph.nodes[artwork.graph.edges][:, :, 0]
    assert artwork.graph.n_nodes == 120 and len(x) > 200
    assert not ((x.min(axis=1) < 75) & (x.max(axis=1) > 125)).any()
    assert sum(len(stroke) - 1 for stroke in artwork.drawing.layers[0].strokes) >= len(x)


@pytest.mark.quick
def test_explicit_thresholds_draw_every_edge():
    for threshold in ("otsu", 0.5):
        points = recipes.points_of("horse", threshold=threshold)
        assert recipes.make("horse", nodes=100, threshold=threshold).graph == recipes.train(points, nodes=100).graph_


def test_without_image_the_portrait_is_the_articles(tmp_path):
    out, same = tmp_path / "a.json", tmp_path / "b.json"
    assert main(["draw", "-q", "-o", str(out)]) == 0
    crop = ",".join(map(str, image.PORTRAIT_CROP))
    assert main(["draw", "astronaut", "--crop", crop, "--threshold", "otsu", "-q", "-o", str(same)]) == 0
    assert out.read_bytes() == same.read_bytes()
    assert main(["draw", "astronaut", "--crop", crop, "-q", "-o", str(same)]) == 0
    assert out.read_bytes() != same.read_bytes()
    assert main(["draw", "--style", "tone", "--nodes", "200", "-q", "-o", str(out)]) == 0
