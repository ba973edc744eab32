"""What all animations share: the frames, one after the other, and the time that each is shown."""

from collections.abc import Iterable, Iterator

from gng_fast.art.drawing import Drawing
from gng_fast.parameters import Range

#: Seconds that a frame is shown: GIF counts hundredths with 16 bits, and viewers slow down anything faster.
FRAME_SECONDS = Range(0.02, 655)


def of_one_size(frames: Iterable[Drawing]) -> Iterator[Drawing]:
    """Yield the frames as they come.

    Raises
    ------
    ValueError
        If a page has another size than the first, or if there is no frame.
    """
    first = None
    for number, drawing in enumerate(frames, start=1):
        first = first or drawing
        if (drawing.width, drawing.height) != (first.width, first.height):
            raise ValueError(
                f"frames must have pages of the same size, got {drawing.width:g} x {drawing.height:g} mm "
                f"for frame {number} and {first.width:g} x {first.height:g} mm for frame 1"
            )
        yield drawing
    if first is None:
        raise ValueError("frames must hold at least one drawing, got none")
