"""Can one tell what a photo shows, drawn without any options? Tone and detail of the ink, over photos that others ship.

python bench/quality/photos.py [--quick] [--sheet FOLDER]
"""

import argparse
import importlib.util
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from gng_fast import export, image, recipes
from gng_fast.art.image import contours

#: Name of the photo -> the package whose wheel has it, and where.
PHOTOS = {
    "astronaut": ("skimage", "data/astronaut.png"),
    "camera": ("skimage", "data/camera.png"),
    "chelsea": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "motorcycle": ("skimage", "data/motorcycle_left.png"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "grace_hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}
#: Measure -> the least median over the photos, and the least of any.
TARGETS = {"tone": (0.86, 0.70), "detail": (0.62, 0.40)}
#: No line may cross so much bare paper, in mean lengths of the lines.
MOST_BARE = 3.0
_PIXELS = 300_000


#: Photos that nobody tuned anything on: other parts, mirrored, in other light, with noise.
HELD_OUT = {
    "part": lambda picture: picture[tuple(slice(n // 5, n - n // 5) for n in picture.shape)][:, ::-1],
    "dark": lambda picture: picture**1.8,
    "pale": lambda picture: 0.3 + 0.7 * picture**0.55,
    "noisy": lambda picture: np.clip(picture + np.random.default_rng(0).normal(0, 0.05, picture.shape), 0, 1),
}


def path_of(name):
    """Return the path of a photo, or None where the package is not installed."""
    package, inside = PHOTOS[name]
    spec = importlib.util.find_spec(package)
    path = Path(spec.origin).parent / inside if spec and spec.origin else None
    return path if path and path.is_file() else None


def ink(drawing):
    """Return the share of each pixel that is inked, for a page of 1 mm a pixel."""
    return 1 - np.asarray(export.render(drawing, round(max(drawing.width, drawing.height))).convert("L")) / 255


def measure(R, plane):
    """Return tone and detail of an inked page R against a grey picture of the same shape.

    Both are correlations of ink and darkness: tone of the two blurred by 0.02 n with n = sqrt(pixels), detail of the
    band between blurs of 0.006 n and 0.03 n.
    """
    n = np.sqrt(plane.size)

    def blurred(picture, share):
        return ndimage.gaussian_filter(picture, share * n)

    pairs = {
        "tone": [blurred(picture, 0.02) for picture in (R, 1 - plane)],
        "detail": [blurred(picture, 0.006) - blurred(picture, 0.03) for picture in (R, 1 - plane)],
    }
    return {name: float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for name, (a, b) in pairs.items()}


def draw(source, plane, style="mesh", **options):
    """Return the ink of a drawing, 1 mm a pixel of the plane, with a pen as wide as 0.3 mm on 180 mm, and its graph."""
    side = float(max(plane.shape))
    pen = {"pen": 0.3 * side / 170} if style == "mesh" else {}
    artwork = recipes.make(source, style, size=side, margin=0.0, **pen, **options)
    return ink(artwork.drawing), artwork.graph


def most_bare(graph, source, **options):
    """Return how much bare paper a line crosses at most, in mean lengths of the lines."""
    points = recipes.points_of(source, **options)
    mask = np.zeros(points.shape, bool)
    mask[-points.X[:, 1].astype(int), points.X[:, 0].astype(int)] = True
    inked = contours.share_inside(mask, graph.nodes.astype(float)[graph.edges], 50)
    lengths = graph.edge_lengths()
    return float(((1 - inked) * lengths).max() / lengths.mean())


def missed(values):
    """Return the targets that measurements, a dict for each photo, miss: words, none if all are met."""
    words = []
    for name, (median, least) in TARGETS.items():
        found = [value[name] for value in values]
        if np.median(found) < median:
            words.append(f"median {name} {np.median(found):.3f} is below {median}")
        if min(found) < least:
            words.append(f"least {name} {min(found):.3f} is below {least}")
    return words


def cases(held_out, quick):
    """Yield the name and the source of each photo, or of those made of them that nobody tuned on; a part, if quick."""
    for number, name in enumerate(PHOTOS):
        source = path_of(name)
        if source is None:
            print(f"{name:>12}: {PHOTOS[name][0]} is not installed")
        elif held_out:
            grey = image.grey(image.load(source))
            for k, (how, change) in enumerate(HELD_OUT.items()):
                if not quick or k == number % len(HELD_OUT):
                    yield f"{name}, {how}", change(grey)
        else:
            yield name, source


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed and not three, and fewer photos")
    parser.add_argument("--sheet", type=Path, metavar="FOLDER", help="write the drawings there, to be looked at")
    options = parser.parse_args()
    seeds, fails = range(1 if options.quick else 3), []
    for label, arguments in ("Otsu", {"threshold": "otsu"}), ("by default", {}), ("held out", {}):
        started, least = time.process_time(), []
        for name, source in cases(label == "held out", options.quick):
            plane = image.shrink(image.load(source), _PIXELS)
            drawn = [draw(source, plane, seed=seed, max_pixels=_PIXELS, **arguments) for seed in seeds]
            values = [measure(R, plane) for R, _ in drawn]
            least.append({measured: min(value[measured] for value in values) for measured in TARGETS})
            words = ", ".join(f"{measured} {value:.3f}" for measured, value in least[-1].items())
            bare = max(most_bare(graph, source, threshold="auto", max_pixels=_PIXELS) for _, graph in drawn)
            print(f"{label:>10} {name:>19}: {words}, bare {bare:.2f}", flush=True)
            if not arguments:
                fails += [f"{label}, {name}: a line crosses {bare:.2f} lengths of bare paper"] * (bare > MOST_BARE)
                if options.sheet:
                    Image.fromarray(np.uint8(255 * (1 - drawn[0][0]))).save(options.sheet / f"{name}.png")
        seconds = (time.process_time() - started) / len(seeds)
        for what, take in ("median", np.median), ("worst", min):
            words = ", ".join(f"{each} {take([value[each] for value in least]):.3f}" for each in TARGETS)
            print(f"{label:>10} {what:>19}: {words}", flush=True)
        print(f"{label:>10} {seconds:.1f} CPU s a seed, with the pictures")
        if not arguments:
            fails += [f"{label}: {words}" for words in missed(least)]
    print("\n".join(fails) or "all targets met")
    return int(bool(fails))


if __name__ == "__main__":
    sys.exit(main())
