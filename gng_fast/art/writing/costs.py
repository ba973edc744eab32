"""What strokes cost: lines that go on into each other, chains drawn twice, and turning back at a free end.

Costs are in units of `lines.roughness`. A pen lift costs more than most bends, so strokes end where nothing else is
likely. After Y. Kato, M. Yasuhara, Recovery of drawing order from single-stroke handwriting images, IEEE PAMI 22(9),
2000, and Y. Qiao, M. Nishiara, M. Yasuhara, A framework toward restoration of writing order from single-stroked
handwriting image, IEEE PAMI 28(11), 2006: the lines drawn twice are found for the smoothest whole.
"""

from collections.abc import Sequence

from gng_fast.art.writing.lines import REACH, STEP, Half, Lines, through

#: What each of the two ends of a stroke costs.
END = 0.1
# Chains shorter than that, in widths of the pen, cost nothing drawn twice: lines cross there.
_SHORT = 1.0
#: Longer ones, in widths, are never drawn twice, but stems.
LONGEST_TWICE = 14.0
# By so much ink is wider than the pen, to either side, where two strokes surely run over each other, in the mean; and
# the corners of the junctions at the ends of a chain make up for an eighth of a squared width.
_WIDE = 0.12
_CORNERS = 0.125
# Drawing a width of a chain twice costs so much where its ink is as narrow as the pen; it gains that where it is wide.
_TWICE = 0.02
# Turning back at a free end costs so much, and wide ink speaks for it.
_BACK = 0.18
_BACK_ON_WIDE = 0.03
# Where ink is wider than the pen by that along a stem, in the mean and to either side, a stroke that ends there is less
# and less likely, and as good as never seen beyond: turning back costs so much less.
_SURELY_BACK, _NO_END = 0.15, (0.08, 0.14)
# Where a stroke turns back its lanes come together gradually; where one ends beside another, its round end is abrupt:
# the excess falls by so much within a width.
_GRADUAL, _ABRUPT = 0.16, 0.24
_BESIDE = 0.3
# Two lines that leave a stem by a sharp bend speak for turning back, and two that go straight on for an end.
_SHARP, _SHARPEST = 0.75, 0.2


class Costs:
    """The costs of what strokes do along the lines of a graph; each is reckoned once.

    inner : chains between two junctions; stems : chains with a free end at one side
    """

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.free = {node for node, here in lines.half.items() if len(here) == 1}
        self.length = {number: lines.length(number) for number in lines.ends}
        self.inner = [number for number, ends in lines.ends.items() if not self.free & {*ends} and ends[0] != ends[1]]
        self.stems = [number for number, ends in lines.ends.items() if len(self.free & {*ends}) == 1]
        self._twice = {number: self._drawn_twice(number) for number in self.inner}
        self._back = {number: self._turned_back(number) for number in self.stems}
        self._through: dict[tuple[Half, Half, tuple[int, ...]], float] = {}

    def through(self, p: Half, q: Half, between: Sequence[int] = ()) -> float:
        """The cost of a stroke that comes along one half-chain and leaves by another, by shared chains between."""
        key = p, q, tuple(between)
        if key not in self._through:
            cost = through(self.lines, p, q, between)
            self._through[key] = self._through[q, p, key[2][::-1]] = cost
        return self._through[key]

    def shared(self, number: int) -> float:
        """The cost of drawing a chain twice: an inner one by two strokes, a stem by one, which saves an end."""
        return self._twice[number] if number in self._twice else -END

    def back(self, p: Half, stem: int, q: Half, to: Sequence[int], fro: Sequence[int]) -> float:
        """The cost of a stroke that comes along p, turns back at the free end of a stem, and leaves by q.

        to, fro : the shared chains between p and the stem, and between the stem and q
        """
        start = self.at_junction(stem)
        directly = [number for number in to if number not in fro] + [number for number in fro if number not in to]
        sharp = _SHARP * min(_SHARPEST, self.through(p, q, directly))
        return self.through(p, start, to) + self.through(start, q, fro) + self._back[stem] - sharp

    def at_junction(self, stem: int) -> Half:
        """The half of a stem that begins at its junction."""
        return stem, int(self.lines.ends[stem][0] in self.free)

    def _excess(self, number: int) -> float:
        """How much wider than that of the lines beside it the ink of a chain is in the mean, to either side."""
        if not self.lines.known:
            return 0.0
        excess = self.lines.along((number, 0))[1]
        ends = [end for end in self.lines.ends[number] if end not in self.free]
        others = [item for end in ends for item in self.lines.half[end] if item[0] != number]
        usual = self.lines.usual_excess(others) if others else 0.0
        if number in self.stems and others:
            # A pen pressed down leaves a stem that is wide to its tip, and as wide before.
            before = max(float(self.lines.along(item, REACH)[1].min()) for item in others)
            usual = max(usual, min(before, float(excess.min())))
        return float(excess.mean()) - usual

    def _drawn_twice(self, number: int) -> float:
        length = self.length[number]
        if length < _SHORT:
            return 0.0
        narrow = 1 - (self._excess(number) - _CORNERS / length) / _WIDE
        return _TWICE * length * max(-1.0, min(1.0, narrow))

    def _turned_back(self, number: int) -> float:
        excess = max(0.0, self._excess(number))
        wide = min(1.0, excess / _WIDE)
        no_end = min(1.0, max(0.0, (excess - _NO_END[0]) / (_NO_END[1] - _NO_END[0])))
        cost = _BACK + _TWICE * self.length[number] * (1 - wide) - _BACK_ON_WIDE * wide - _SURELY_BACK * no_end
        return cost + _BESIDE * min(1.0, max(0.0, (self._fall(number) - _GRADUAL) / (_ABRUPT - _GRADUAL)))

    def _fall(self, stem: int) -> float:
        """By how much the excess falls most within a width along a stem, to either side, away from its junction."""
        excess = self.lines.along(self.at_junction(stem))[1]
        width = round(1 / STEP)
        return float(max(excess[width:-width] - excess[2 * width :], default=0.0)) if self.lines.known else 0.0
