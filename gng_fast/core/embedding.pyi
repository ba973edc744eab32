# There is nothing here for Python programs: embedding.pxd declares what C can call.
from gng_fast.checks import LARGEST_COORDINATE as LARGEST_COORDINATE
