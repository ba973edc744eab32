"""From a picture to the points that a network learns.

The steps are the article's, and a module each; every step stands alone, and `dark_points` chains them:

    loading        a file, or a picture that comes with scikit-image -> an array
    planes         crop -> grey -> (shrink) -> blur
    thresholding   the dark pixels
    pixels         their points
    contours       lines found in pictures, which recipes use beside the points

scikit-image and Pillow do the work, which come with `pip install 'gng-fast[art]'`. They are imported only where a step
needs them.
"""

from gng_fast.art.image.loading import BUILT_IN, FORMATS, LOAD_LIMIT, load
from gng_fast.art.image.picture import ImageError, extent
from gng_fast.art.image.pixels import (
    ARTICLE_BLUR,
    ARTICLE_OFFSET,
    AUTO_PIXELS,
    PORTRAIT_CROP,
    article_points,
    dark_points,
    points,
    prepare,
)
from gng_fast.art.image.planes import MAX_BLUR, blur, crop, grey, negative, over_white, shrink
from gng_fast.art.image.thresholding import THRESHOLDS, level_set, threshold

__all__ = [
    "ARTICLE_BLUR",
    "ARTICLE_OFFSET",
    "AUTO_PIXELS",
    "BUILT_IN",
    "FORMATS",
    "LOAD_LIMIT",
    "MAX_BLUR",
    "PORTRAIT_CROP",
    "THRESHOLDS",
    "ImageError",
    "article_points",
    "blur",
    "crop",
    "dark_points",
    "extent",
    "grey",
    "level_set",
    "load",
    "negative",
    "over_white",
    "points",
    "prepare",
    "shrink",
    "threshold",
]
