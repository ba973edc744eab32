"""The whole path in one call: picture -> points -> network -> graph -> drawing."""

from gng_fast.recipes.base import Points, draw, growth, points_of, train

__all__ = ["Points", "draw", "growth", "points_of", "train"]
