"""The pages of numbers: performance, equalities, and needs and places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.dashboard.web import equalities, needs, performance
from services.dashboard.web.access import Viewer
from services.dashboard.web.answers import Missing, Page, csv_file, only
from services.dashboard.web.download import as_csv
from services.dashboard.web.figures import chart
from services.dashboard.web.questions import Questions
from services.dashboard.web.today import delivery_units
from services.dashboard.web.translation import month_words
from shared.answers.listed import BY_KEY, MEASURES, NOW, NOW_BY_NEED, Measure
from shared.answers.rulebook import RULE_ID, rulebook


class Numbers:
    """Pages that show numbers, and nobody's case."""

    def __init__(self, questions: Questions, show: Callable[..., Response]) -> None:
        self._questions = questions
        self._show = show

    def pages(self) -> Mapping[str, Page]:
        """Each page by its address."""
        return {
            "/performance": self._performance,
            "/performance.csv": self._performance_csv,
            "/performance/{measure}.csv": self._measure_csv,
            "/performance/{measure}": self._measure,
            "/equalities": self._equalities,
            "/equalities.csv": self._equalities_csv,
            "/needs": self._needs,
            "/needs.csv": self._needs_csv,
        }

    # -- performance ---------------------------------------------------------------------------------

    async def _performance(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = performance.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            areas = await performance.performance(asked, viewer, filters)
            units = await delivery_units(asked, viewer, filters.region)
        now, before = filters.span(asked.freshness.day)
        return self._show(
            "performance.html",
            viewer,
            asked.freshness,
            areas=areas,
            filters=filters,
            units=units,
            now=now,
            before=before,
            periods=performance.PERIODS,
        )

    async def _performance_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = performance.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            areas = await performance.performance(asked, viewer, filters)
        return csv_file("performance", as_csv(performance.DEFINITIONS, performance.columns(areas)))

    async def _measure(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        measure = _measure_of(request)
        filters = performance.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await performance.detail(asked, viewer, filters, measure)
            units = await delivery_units(asked, viewer, filters.region)
        points = [
            (month_words(month), figure.value if figure else None, figure.words if figure else "")
            for month, figure in shown.months
        ]
        return self._show(
            "measure.html",
            viewer,
            asked.freshness,
            shown=shown,
            filters=filters,
            units=units,
            chart=chart(points, percent=measure.shown_as == "share"),
            rules=[rulebook()[id] for id in RULE_ID.findall(measure.source) if id in rulebook()],
            periods=performance.PERIODS,
        )

    async def _measure_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        measure = _measure_of(request)
        filters = performance.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await performance.detail(asked, viewer, filters, measure)
        return csv_file(
            measure.key, as_csv(performance.DETAIL_DEFINITIONS, performance.detail_columns(shown))
        )

    # -- equalities ----------------------------------------------------------------------------------

    async def _equalities(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = equalities.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await equalities.equalities(asked, viewer, filters)
            units = await delivery_units(asked, viewer, filters.region)
        return self._show(
            "equalities.html",
            viewer,
            asked.freshness,
            shown=shown,
            filters=filters,
            units=units,
            measures=equalities.BY_GROUP,
            group_words=equalities.EVERY_GROUP,
        )

    async def _equalities_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = equalities.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await equalities.equalities(asked, viewer, filters)
        return csv_file("equalities", as_csv(equalities.DEFINITIONS, equalities.columns(shown, filters)))

    # -- needs and places ----------------------------------------------------------------------------

    async def _needs(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = needs.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await needs.needs(asked, viewer, filters)
            units = await delivery_units(asked, viewer, filters.region)
        return self._show(
            "needs.html",
            viewer,
            asked.freshness,
            shown=shown,
            filters=filters,
            units=units,
            measures=NOW,
            measures_by_need=NOW_BY_NEED,
        )

    async def _needs_csv(self, request: Request, viewer: Viewer) -> Response:
        only(viewer.sees_numbers)
        filters = needs.filters_of(request.query_params)
        async with self._questions.snapshot() as asked:
            shown = await needs.needs(asked, viewer, filters)
        return csv_file("needs-and-places", as_csv(needs.DEFINITIONS, needs.columns(shown)))


def _measure_of(request: Request) -> Measure:
    """The measure in the address. Raises `Missing`."""
    measure: Any = BY_KEY.get(request.path_params["measure"])
    if measure not in MEASURES:
        raise Missing("There is no such measure.")
    found: Measure = measure
    return found
