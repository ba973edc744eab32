"""From a picture to the points that a network learns: load, grey, blur, threshold, points."""

from gng_fast.art.image.image import (
    ARTICLE_BLUR, ARTICLE_OFFSET, BUILT_IN, MAX_BLUR, MAX_PIXELS, PORTRAIT_CROP, THRESHOLDS, ImageError, article_points, blur,
    crop, dark_points, grey, level_set, load, negative, over_white, points, prepare, shrink, threshold,
)

__all__ = ["ARTICLE_BLUR", "ARTICLE_OFFSET", "BUILT_IN", "MAX_BLUR", "MAX_PIXELS", "PORTRAIT_CROP", "THRESHOLDS", "ImageError",
           "article_points", "blur", "crop", "dark_points", "grey", "level_set", "load", "negative", "over_white", "points",
           "prepare", "shrink", "threshold"]
