"""From a picture to points: load, crop, grey, blur, threshold, points.

Each step stands alone; `dark_points` chains them:

    photo -> crop -> grey -> (shrink) -> blur -> threshold -> dark pixels -> points

The work is done by scikit-image and pillow, which come with `pip install 'gng-fast[art]'`. They are imported only
where a step needs them, so this module can be imported without them.

Pictures are arrays of rows and columns, (h, w), (h, w, 3) or (h, w, 4). A grey picture is (h, w) float64 from 0
(black) to 1 (white); every step that works on grey turns what it is given into that first.
"""

import importlib
import math
import numbers
import operator
import os
import warnings

import numpy as np

# Pictures in the wheel of scikit-image, with the file that holds each one.
_BUILT_IN_FILES = {
    "astronaut": "astronaut.png",
    "camera": "camera.png",
    "horse": "horse.png",
    "page": "page.png",
    "text": "text.png",
    "coins": "coins.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "cell": "cell.png",
    "clock": "clock_motion.png",
    "moon": "moon.png",
    "rocket": "rocket.jpg",
    "retina": "retina.jpg",
    "cat": "chelsea.png",
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "colorwheel": "color.png",
    "logo": "logo.png",
}
BUILT_IN = tuple(_BUILT_IN_FILES)
# A shape, whose file has greys along its edges.
_BLACK_AND_WHITE = {"horse"}

# The article's portrait in "astronaut": left, top, width, height.
PORTRAIT_CROP = (150, 30, 150, 150)
ARTICLE_BLUR = 0.6
ARTICLE_OFFSET = 0.1

# Files with more pixels are refused. This is the limit at which pillow itself refuses, so that no setting of pillow,
# which the whole process shares, has to be changed.
MAX_PIXELS = 178_956_970
MAX_BLUR = 1000.0
THRESHOLDS = ("otsu", "local", "sauvola", "niblack", "multiotsu")

_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}

# Shades closer than this are one shade: far below a 16-bit step (1.5e-5), far above what rounding leaves after a blur.
_SAME_SHADE = 1e-7
# Resampling overshoots a little; a float picture this far outside [0, 1] is clipped and not rescaled.
_OVERSHOOT = 0.1
# Colours turn grey in bands of rows of about this many pixels: float copies of a whole photo would take gigabytes.
_BAND_PIXELS = 1 << 18


class ImageError(ValueError):
    """A picture that cannot be used, said in one line."""


def load(source):
    """Return the picture as an array.

    source : a path (str or PathLike), an array, a PIL image, or one of the names in `BUILT_IN`. A file of that name
        wins over a built-in picture.

    Returns (h, w), (h, w, 3) RGB or (h, w, 4) RGBA in the picture's own dtype; an array is not copied.
    Files and PIL images: the EXIF rotation is applied, a file's first frame is taken, palettes and CMYK become RGB
    (RGBA if something is transparent), 1-bit becomes bool, 16-bit grey uint16, 32-bit grey int32 or float32.

    Raises ImageError for what is not a picture, ImportError if pillow or scikit-image is missing.
    """
    if isinstance(source, np.ndarray):
        return _checked(source, "the array")
    pil = _need("PIL.Image")
    if isinstance(source, str) and source in BUILT_IN and not os.path.isfile(source):
        return _load_built_in(source, pil)
    with warnings.catch_warnings():
        # Big but allowed, odd metadata: what matters is said in an ImageError, the rest is noise.
        warnings.simplefilter("ignore")
        if isinstance(source, (str, os.PathLike)):
            return _load_file(os.fsdecode(source), pil)
        if isinstance(source, pil.Image):
            return _decoded(source, "the PIL image", pil)
    raise ImageError(f"a picture must be a path, an array, a PIL image or a built-in name, got {type(source).__name__}")


def crop(image, box):
    """Return the part of the picture in box = (left, top, width, height), in pixels, as a view.

    Raises ImageError if the box is not four whole numbers or does not lie within the picture.
    """
    image = _checked(image, "the array")
    try:
        left, top, width, height = (operator.index(number) for number in box)
    except (TypeError, ValueError):
        raise ImageError(f"crop must be four whole numbers (left, top, width, height), got {box!r}") from None
    rows, columns = image.shape[:2]
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > columns or top + height > rows:
        raise ImageError(
            f"crop (left {left}, top {top}, width {width}, height {height}) does not lie within the picture, "
            f"which is {columns} wide and {rows} high"
        )
    return image[top : top + height, left : left + width]


def grey(image):
    """Return the picture as (h, w) float64 in [0, 1]; a grey picture that is this already is returned as it is.

    Colours are weighed by skimage.color.rgb2gray. Transparent is paper: alpha is laid over white.
    bool counts as 0 and 1, uint8 as 0..255, uint16 as 0..65535. Every other dtype is judged by its values: within
    [0, 1] taken as they are (up to 0.1 beyond is clipped), within [0, 255] divided by 255, within [0, 65535] divided
    by 65535, anything else stretched from its least value (black) to its greatest (white).
    Raises ImageError for an array that is not a picture.
    """
    image = _checked(image, "the array")
    black, span = _black_and_span(image)
    if image.ndim == 2:
        return _in_unit_interval(image, black, span)
    result = np.empty(image.shape[:2])
    band = max(1, _BAND_PIXELS // image.shape[1])
    for top in range(0, image.shape[0], band):
        rows = slice(top, top + band)
        result[rows] = _luminance(_in_unit_interval(image[rows], black, span))
    # The weighted sum of a white pixel may round to a little more than 1.
    return np.clip(result, 0.0, 1.0, out=result)


def over_white(image):
    """Return a picture in colours as (h, w, 3) float64 in [0, 1]: values as in `grey`, alpha laid over white."""
    image = _checked(image, "the array")
    colours = _in_unit_interval(image, *_black_and_span(image))
    return _need("skimage.color").rgba2rgb(colours, background=(1, 1, 1)) if colours.shape[2] == 4 else colours


def negative(image):
    """Return a picture of the same shape with light for dark, for what is light on dark paper; transparent stays so.

    bool, uint8 and uint16 stay what they are, other dtypes become float64 in [0, 1], with values as in `grey`.
    """
    image = _checked(image, "the array")
    if image.dtype not in (bool, np.uint8, np.uint16):
        image = _in_unit_interval(image, *_black_and_span(image))
    result = ~image if image.dtype.kind in "bu" else 1 - image
    if image.ndim == 3:
        result[:, :, 3:] = image[:, :, 3:]
    return result


def shrink(image, max_pixels):
    """Return the grey picture scaled down to at most max_pixels pixels, unchanged if it has no more than that.

    Returns (h, w) float64 in [0, 1] with the same proportions, to a pixel. Raises ValueError for max_pixels < 1.
    """
    if not _is_a(numbers.Integral, max_pixels) or max_pixels < 1:
        raise ValueError(f"max_pixels must be a whole number >= 1, got {max_pixels}")
    plane = grey(image)
    if plane.size <= max_pixels:
        return plane
    rows, columns = plane.shape
    scale = math.sqrt(max_pixels / plane.size)
    height = min(max(1, int(rows * scale)), max_pixels)
    width = max(1, min(int(columns * scale), max_pixels // height))
    return _need("skimage.transform").resize(plane, (height, width), order=1, anti_aliasing=True)


def blur(image, sigma):
    """Return the grey picture after a Gaussian blur of sigma pixels, (h, w) float64; sigma 0 leaves it unchanged.

    Raises ValueError unless 0 <= sigma <= 1000.
    """
    if not _is_a(numbers.Real, sigma) or not sigma >= 0:
        raise ValueError(f"blur must be >= 0, got {sigma}")
    if sigma > MAX_BLUR:
        raise ValueError(f"blur must be <= {MAX_BLUR:g} pixels, got {sigma}")
    plane = grey(image)
    if sigma == 0:
        return plane
    return _need("skimage.filters").gaussian(plane, float(sigma))


def threshold(image, method="otsu", offset=0.0, block_size=35, classes=3):
    """Return a (h, w) bool mask of the dark pixels (True = ink): grey < threshold + offset.

    method : where the threshold comes from
        a number   in [0, 1], the same everywhere
        otsu       one for the whole picture, between its dark and its light pixels
        multiotsu  the same with more classes; only the darkest class is ink
        local      the mean of each pixel's surroundings, weighed by a Gaussian; flat areas are empty, dark ones too
        sauvola    from mean and spread of the surroundings, for writing on uneven paper
        niblack    the same without Sauvola's protection of empty paper
    offset : in [-1, 1], added to the threshold; more gives more ink
    block_size : width of the surroundings in pixels, odd and >= 3 (local, sauvola, niblack); more than twice the
        picture counts as twice the picture
    classes : 2 to 5 (multiotsu; 5 takes seconds); fewer are used if the picture has fewer shades

    A picture of one single shade, white, black or between, has no dark pixels for any named method and any offset:
    nothing in it is darker than the rest. A number is compared as it is, so it does find an all-black picture dark.

    Raises ValueError naming the parameter that is out of range.
    """
    return level_set(image, method, offset, block_size, classes) < 0


def level_set(image, method="otsu", offset=0.0, block_size=35, classes=3):
    """Return how far each pixel is above the threshold, (h, w) float64: < 0 in the ink, 0 along its outline.

    The parameters and errors are those of `threshold`. A threshold for the whole picture is moved to the middle between
    the two shades it divides, so that the outline of a black and white picture runs between its pixels.
    """
    _check_threshold(method, offset, block_size, classes)
    plane = grey(image)
    if isinstance(method, str) and np.ptp(plane) < _SAME_SHADE:
        return np.ones(plane.shape)
    level = (_level(plane, method, block_size, classes) if isinstance(method, str) else method) + offset
    if np.ndim(level) == 0:
        dark = plane < level
        if dark.any() and not dark.all():
            level = (plane[dark].max() + plane[~dark].min()) / 2
    return plane - level


def points(mask):
    """Return the True pixels of a (h, w) bool mask as (n, 2) float32, C-contiguous, row by row.

    The columns are (column, -row) in pixels, so y points up. Raises ImageError if mask is not a (h, w) bool array.
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != bool:
        raise ImageError(f"mask must be a (h, w) array of bool, got {mask.dtype} of shape {mask.shape}")
    rows, columns = np.nonzero(mask)
    result = np.empty((rows.size, 2), dtype=np.float32)
    result[:, 0] = columns
    result[:, 1] = -rows
    return result


def extent(shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Return (x_min, y_min, x_max, y_max) of a picture of shape (h, w, ...), to the outer edges of its pixels.

    The units are those of `points`: pixels, the centre of each at (column, -row).
    """
    height, width = shape[:2]
    return -0.5, 0.5 - height, width - 0.5, 0.5


def article_points():
    """Return the article's 11,931 points of the portrait, (11931, 2) float32: (column, -row) x 0.001."""
    mask = _dark_mask(load("astronaut"), PORTRAIT_CROP, None, ARTICLE_BLUR, "otsu", ARTICLE_OFFSET)
    return (points(mask).astype(np.float64) * 0.001).astype(np.float32)


def dark_points(
    source, *, crop=None, blur=0.6, threshold="otsu", offset=None, block_size=35, classes=3, max_pixels=None
):
    """Return (points, (height, width)): the dark pixels of a picture and the size they were found in.

    source : whatever `load` takes
    crop, blur, threshold, offset, block_size, classes, max_pixels : as in `crop`, `blur`, `threshold` and `shrink`;
        None for crop or max_pixels leaves that step out, None for offset is the article's 0.1 with "otsu" and 0
        otherwise (nearly everything is darker than the mean of its surroundings + 0.1)

    points is (n, 2) float32, columns (column, -row), in pixels of the cropped and shrunken picture.
    Raises ImageError if the picture cannot be used or has fewer than 2 dark pixels, ValueError for a parameter.
    """
    if offset is None:
        offset = ARTICLE_OFFSET if threshold == "otsu" else 0.0
    # A function of its own: here the names of the parameters hide the steps of the same name.
    mask = _dark_mask(load(source), crop, max_pixels, blur, threshold, offset, block_size, classes)
    result = points(mask)
    if len(result) < 2:
        found = "only one dark pixel" if len(result) else "no dark pixels"
        raise ImageError(
            f"{found}: raise offset (now {offset:g}) or give a higher number in [0, 1] as threshold (now {threshold})"
        )
    return result, mask.shape


def prepare(source, *, crop=None, blur=ARTICLE_BLUR, max_pixels=None):
    """Return a picture as the steps before the threshold leave it, (h, w) float64 in [0, 1].

    The parameters and errors are those of `dark_points`.
    """
    return _prepared(load(source), crop, max_pixels, blur)


def _prepared(image, box, max_pixels, sigma):
    # Cropping comes first: the blur then does not see, and the threshold does not weigh, what lies outside.
    if box is not None:
        image = crop(image, box)
    plane = grey(image)
    if max_pixels is not None:
        plane = shrink(plane, max_pixels)
    return blur(plane, sigma)


def _dark_mask(image, box, max_pixels, sigma, method, offset, *local):
    return threshold(_prepared(image, box, max_pixels, sigma), method, offset, *local)


def _need(module):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"pictures need scikit-image and pillow ({error}): pip install 'gng-fast[art]'") from error


def _is_a(kind, value):
    return isinstance(value, kind) and not isinstance(value, bool)


def _load_built_in(name, pil):
    # Not by skimage.data: it imports every reader of pictures there is, and downloads a picture that its wheel lacks.
    path = os.path.join(os.path.dirname(_need("skimage").__file__), "data", _BUILT_IN_FILES[name])
    if not os.path.isfile(path):
        raise ImageError(f"the installed scikit-image does not contain the picture {name!r}")
    picture = _load_file(path, pil)
    return grey(picture) > 0.5 if name in _BLACK_AND_WHITE else picture


def _load_file(path, pil):
    name = path if path and path.isprintable() else repr(path)
    if os.path.isdir(path):
        raise ImageError(f"{name} is a directory, not an image")
    try:
        # Opened here and not by pillow, which maps files it opens into memory and then scrambles some turned TIFFs.
        file = open(path, "rb")
    except FileNotFoundError:
        known = "" if os.path.splitext(path)[1] else f" and is no built-in picture ({', '.join(BUILT_IN)})"
        raise ImageError(f"{name} does not exist{known}") from None
    except (OSError, ValueError) as error:
        raise ImageError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    with file:
        if not file.read(1):
            raise ImageError(f"{name} is empty")
        file.seek(0)
        try:
            image = pil.open(file)
        except pil.DecompressionBombError:
            raise _too_big(name) from None
        except pil.UnidentifiedImageError:
            raise ImageError(f"{name} is not an image that can be read") from None
        except MemoryError:
            raise
        except Exception as error:
            raise _damaged(name, error) from None
        return _decoded(image, name, pil)


def _decoded(image, name, pil):
    if image.width * image.height > MAX_PIXELS:
        raise _too_big(name)
    try:
        image.load()
        image = _upright(image, pil.Transpose)
        deep = image.mode in ("I", "F") or image.mode.startswith("I;16")
        if image.has_transparency_data and not deep:
            image = image.convert("RGBA")
        elif image.mode not in ("1", "L", "RGB") and not deep:
            image = image.convert("RGB")
        array = np.asarray(image)
    except MemoryError:
        raise
    # Damaged data surfaces as many types: OSError, SyntaxError, struct.error, IndexError, zlib.error, ...
    except Exception as error:
        raise _damaged(name, error) from None
    return _checked(array, name)


def _upright(image, turns):
    # Not ImageOps.exif_transpose: it also writes the EXIF block anew, and fails on blocks that cameras do produce.
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        orientation = None
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turns[turn])


def _damaged(name, error):
    reason = " ".join(str(error).split()) or type(error).__name__
    return ImageError(f"{name} is truncated or damaged ({reason})")


def _too_big(name):
    return ImageError(f"{name} is too big: more than {MAX_PIXELS // 1_000_000} million pixels")


def _checked(image, name):
    image = np.asarray(image)
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (3, 4)):
        raise ImageError(f"{name} must have the shape (h, w), (h, w, 3) or (h, w, 4), got {image.shape}")
    if image.dtype.kind not in "buif":
        raise ImageError(f"{name} must hold bool, whole or real numbers, got {image.dtype}")
    if image.size == 0:
        raise ImageError(f"{name} has no pixels, its shape is {image.shape}")
    # One sum of the two finds NaN (min and max pass it on), infinities, and spans too wide to compute with.
    if image.dtype.kind == "f" and not math.isfinite(float(image.max()) - float(image.min())):
        raise ImageError(f"{name} must be finite everywhere, got NaN or infinite values")
    return image if image.dtype.isnative else image.astype(image.dtype.newbyteorder("="))


def _black_and_span(image):
    if image.dtype == bool:
        return 0.0, 1.0
    if image.dtype in (np.uint8, np.uint16):
        return 0.0, float(np.iinfo(image.dtype).max)
    low, high = float(image.min()), float(image.max())
    if -_OVERSHOOT <= low and high <= 1.0 + _OVERSHOOT:
        return 0.0, 1.0
    if low >= 0.0 and high <= 65535.0:
        return 0.0, 255.0 if high <= 255.0 else 65535.0
    return low, (high - low) or 1.0


def _in_unit_interval(image, black, span):
    if image.dtype == np.float64 and span == 1.0 and image.min() >= 0.0 and image.max() <= 1.0:
        return image
    result = image.astype(np.float64)
    result -= black
    result /= span
    return np.clip(result, 0.0, 1.0, out=result)


def _luminance(colours):
    color = _need("skimage.color")
    if colours.shape[2] == 4:
        colours = color.rgba2rgb(colours, background=(1, 1, 1))
    return color.rgb2gray(colours)


def _check_threshold(method, offset, block_size, classes):
    named = isinstance(method, str)
    if (named and method not in THRESHOLDS) or not (named or _is_a(numbers.Real, method)):
        raise ValueError(f"threshold must be a number or one of {', '.join(THRESHOLDS)}, got {method!r}")
    if not named and not 0 <= method <= 1:
        raise ValueError(f"threshold must be a number in [0, 1], got {method}")
    if not _is_a(numbers.Real, offset) or not -1 <= offset <= 1:
        raise ValueError(f"offset must be in [-1, 1], got {offset}")
    if not _is_a(numbers.Integral, block_size) or block_size < 3 or block_size % 2 == 0:
        raise ValueError(f"block_size must be an odd whole number >= 3, got {block_size}")
    if not _is_a(numbers.Integral, classes) or not 2 <= classes <= 5:
        raise ValueError(f"classes must be a whole number in [2, 5], got {classes}")


def _level(plane, method, block_size, classes):
    filters = _need("skimage.filters")
    if method == "otsu":
        return filters.threshold_otsu(plane)
    if method == "multiotsu":
        shades = np.count_nonzero(np.histogram(plane, bins=256)[0])
        return filters.threshold_multiotsu(plane, min(classes, shades))[0]
    # Sauvola's R is half the range of the shades, 128 of 256; scikit-image would take twice that for floats.
    options = {"r": 0.5} if method == "sauvola" else {}
    level = getattr(filters, f"threshold_{method}")(plane, min(block_size, 2 * max(plane.shape) + 1), **options)
    # Empty paper equals its own mean but for rounding, which must not become ink.
    return level - _SAME_SHADE
