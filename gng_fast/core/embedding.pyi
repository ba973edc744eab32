# There is nothing here for Python programs: embedding.pxd declares what C can call.
from gng_fast.parameters import LARGEST_COORDINATE as LARGEST_COORDINATE
