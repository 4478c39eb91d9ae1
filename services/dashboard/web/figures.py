"""The numbers of a measure as pages show them, and bars for charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, log10

from services.dashboard.web.translation import gettext, number
from shared.answers.listed import Measure

TICKS = (1, 2, 5, 10)
LABELS = 7
"""How many labels fit below a chart."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many achieved what a measure counts, of how many. Nothing was to be counted: there is none."""

    measure: Measure
    achieved: int
    total: int

    @property
    def words(self) -> str:
        """The number in the language of the page."""
        per = self.measure.per
        match self.measure.shown_as:
            case "share":
                given = {"achieved": f"{self.achieved // per:,}", "total": f"{self.total // per:,}"}
                return gettext("%(achieved)s of %(total)s") % given
            case "average":
                return number(self.value)
        return f"{self.total // per:,}"

    @property
    def value(self) -> float:
        """What a chart shows: the percentage of a share, an average, or the number."""
        match self.measure.shown_as:
            case "share":
                return 100 * self.achieved / self.total if self.total else 0.0
            case "average":
                return self.achieved / self.total if self.total else 0.0
        return self.total / self.measure.per

    @property
    def percent(self) -> float | None:
        """The percentage of a share; None for other measures."""
        return self.value if self.measure.shown_as == "share" and self.total else None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its label, its number in words, and its place. Without a number it has no height."""

    label: str
    words: str
    x: float
    y: float
    height: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from the bottom line up; `ticks` are the lines behind them with their heights."""

    bars: Sequence[Bar]
    width: float
    ticks: Sequence[tuple[float, str]]

    WIDTH = 720
    HEIGHT = 200
    LEFT = 48
    TOP = 24


def chart(points: Iterable[tuple[str, float | None, str]], *, percent: bool = False) -> Chart:
    """The bars for labels with values and their words. Of percentages the chart is as high as 100."""
    every = list(points)
    top = 100 if percent else _round_up(max((value or 0 for _, value, _ in every), default=0))
    step = (Chart.WIDTH - Chart.LEFT) / max(len(every), 1)
    between = ceil(len(every) / LABELS)
    bars = []
    for n, (label, value, words) in enumerate(every):
        height = Chart.HEIGHT * (value or 0) / top
        x = Chart.LEFT + n * step + step * 0.15
        y = Chart.TOP + Chart.HEIGHT - height
        bars.append(Bar(label, words, round(x, 1), round(y, 1), round(height, 1), n % between == 0))
    unit = "%" if percent else ""
    parts = (0, 0.5, 1)
    ticks = [(round(Chart.TOP + Chart.HEIGHT * (1 - n), 1), number(top * n) + unit) for n in parts]
    return Chart(bars, round(step * 0.7, 1), ticks)


def _round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten; at least 1."""
    if value <= 1:
        return 1
    power: int = 10 ** int(log10(value))
    return next(tick * power for tick in TICKS if tick * power >= value)
