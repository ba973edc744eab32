# What C can call is declared in embedding.pxd and include/gng_fast.h.
from typing_extensions import CapsuleType

from gng_fast.checks import LARGEST_COORDINATE as LARGEST_COORDINATE
from gng_fast.core.stopping import TrainingStopped as TrainingStopped
from gng_fast.parameters import DEFAULTS as DEFAULTS

C_API: CapsuleType
