"""Functions over time: `events-timeseries/`, and `events-stats/`, its older form."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import get
from litestar.types import ControllerRouterHandler

from vedette.api.errors import bad_request
from vedette.api.explore_asked import bounds_of, dataset_of, is_weighted
from vedette.api.given import AnyRequest, TheAccess, TheServices
from vedette.api.services import Services
from vedette.api.windows import LONGEST_US, period_us
from vedette.core.ids import parse_number
from vedette.core.time import DAY_US, MINUTE_US, SECOND_US
from vedette.explore.ask import Bounds
from vedette.explore.series import Over, Point, Series, SeriesReader
from vedette.projects.access import Access

Json = dict[str, Any]
_MINUTES = (1, 5, 15, 30, 60, 120, 240, 720, 1440)  # of steps, where no interval is named
_POINTS = 120  # of the time that has passed, at most, where no interval is named


@get("/organizations/{org:str}/events-timeseries/", sync_to_thread=True)
def read_timeseries(services: TheServices, access: TheAccess, request: AnyRequest) -> Json:
    """One series per `yAxis`; with `topEvents` one per leading group of `groupBy`, and one of the others.

    Times are milliseconds. `comparisonDelta` (seconds): each value beside that of so long before.
    """
    over = _over(services, request, access, tuple(request.query_params.getall("groupBy", [])))
    found, before = _read(services, request, over)
    return {
        "timeSeries": [_series_view(one, over, _earlier(one, before)) for one in found],
        "meta": {
            "dataset": over.dataset.name,
            "start": over.bounds.from_us // 1000,
            "end": over.bounds.to_us // 1000,
        },
    }


def _over(services: Services, request: AnyRequest, access: Access, group_by: tuple[str, ...]) -> Over:
    query = request.query_params
    bounds = bounds_of(services, request, access)
    top = parse_number(query.get("topEvents") or "0")
    if top is None:
        raise bad_request("topEvents must be a number")
    functions = tuple(dict.fromkeys(text for text in query.getall("yAxis", []) if text)) or ("count()",)
    return Over(
        dataset=dataset_of(request),
        bounds=bounds,
        functions=functions,
        step_us=_step_us(query.get("interval") or "", bounds),
        search=query.get("query") or "",
        group_by=group_by,
        top=top,
        sort=tuple(text for text in query.getall("sort", query.getall("orderby", [])) if text),
        with_others=query.get("excludeOther") not in ("1", "true"),
        weighted=is_weighted(request),
    )


def _step_us(text: str, bounds: Bounds) -> int:
    if text:
        step = period_us(text)
        if step is None:
            raise bad_request("Invalid interval: write a number and one of s m h d w, such as 5m")
        return step
    least = bounds.seconds * SECOND_US / _POINTS
    steps = (minutes * MINUTE_US for minutes in _MINUTES)
    return next((step for step in steps if step >= least), DAY_US)


def _read(services: Services, request: AnyRequest, over: Over) -> tuple[list[Series], list[Series]]:
    """The series, and those of the time before that they are to be compared with."""
    reader = SeriesReader(services.records, services.telemetry)
    delta = request.query_params.get("comparisonDelta") or ""
    if not delta:
        return reader.read(over), []
    delta_s = parse_number(delta)
    if delta_s is None or delta_s * SECOND_US > LONGEST_US:
        raise bad_request(f"comparisonDelta must be a number of seconds, at most {LONGEST_US // SECOND_US}")
    # In whole steps, so that each value stands beside one of the same place in time.
    back_us = max(round(delta_s * SECOND_US / over.step_us), 1) * over.step_us
    bounds = replace(over.bounds, from_us=over.bounds.from_us - back_us, to_us=over.bounds.to_us - back_us)
    return reader.read(over), reader.read(replace(over, bounds=bounds))


def _earlier(series: Series, before: Sequence[Series]) -> Sequence[Point] | None:
    """The points of the same series in the time before."""
    same = (
        one.points
        for one in before
        if (one.function, one.group, one.is_other) == (series.function, series.group, series.is_other)
    )
    return next(same, None)


def _series_view(series: Series, over: Over, before: Sequence[Point] | None) -> Json:
    group = (
        None
        if series.group is None
        else [{"key": key, "value": value} for key, value in series.group.items()]
    )
    return {
        "yAxis": series.function,
        "groupBy": group,
        "values": [
            _point_view(
                point, before[index] if before and index < len(before) else None, compared=before is not None
            )
            for index, point in enumerate(series.points)
        ],
        "meta": {
            "valueType": series.type,
            "valueUnit": series.unit,
            "interval": over.step_us // 1000,
            **({"isOther": series.is_other, "order": series.order} if over.top else {}),
        },
    }


def _point_view(point: Point, before: Point | None, *, compared: bool) -> Json:
    view: Json = {
        "timestamp": point.at_us // 1000,
        "value": point.value,
        "incomplete": point.incomplete,
        "sampleCount": point.rows,
        "sampleRate": point.rate,
        "confidence": point.confidence,
    }
    if point.incomplete:
        view["incompleteReason"] = "INCOMPLETE_BUCKET"
    if compared:
        view["comparisonValue"] = before.value if before else None
    return view


# ── the older form ────────────────────────────────────────────────────────────────────────


@get("/organizations/{org:str}/events-stats/", sync_to_thread=True)
def read_stats(services: TheServices, access: TheAccess, request: AnyRequest) -> Json:
    """`{data: [[seconds, [{count}]], …]}`; of several functions by function, of top events by group."""
    fields = [text for text in request.query_params.getall("field", []) if text and "(" not in text]
    over = _over(services, request, access, tuple(fields))
    found, before = _read(services, request, over)
    if not over.top:
        views = {one.function: _stats_view(one, over, _earlier(one, before)) for one in found}
        return views[over.functions[0]] if len(over.functions) == 1 else views
    groups: Json = {}
    for one in sorted(found, key=lambda one: one.order):
        view = _stats_view(one, over, _earlier(one, before))
        label = "Other" if one.is_other else ",".join(_label(value) for value in (one.group or {}).values())
        if len(over.functions) == 1:
            groups[label] = view
        else:
            groups.setdefault(label, {"order": one.order})[one.function] = view
    return groups


def _label(value: object) -> str:
    return "(no value)" if value in (None, "") else str(value)


def _stats_view(series: Series, over: Over, before: Sequence[Point] | None) -> Json:
    data: list[Any] = []
    for index, point in enumerate(series.points):
        counted: Json = {"count": point.value or 0}
        if before is not None:
            counted["comparisonCount"] = (before[index].value or 0) if index < len(before) else 0
        data.append([point.at_us // SECOND_US, [counted]])
    return {
        "data": data,
        "start": over.bounds.from_us // SECOND_US,
        "end": over.bounds.to_us // SECOND_US,
        "order": series.order,
        "isMetricsData": False,
        "meta": {
            "fields": {"time": "date", series.function: series.type},
            "units": {"time": None, series.function: series.unit},
            "dataset": over.dataset.name,
            "accuracy": {
                "sampleCount": [_sample(point, point.rows) for point in series.points],
                "samplingRate": [_sample(point, point.rate) for point in series.points],
                "confidence": [_sample(point, point.confidence) for point in series.points],
            },
        },
    }


def _sample(point: Point, value: object) -> Json:
    return {"timestamp": point.at_us // SECOND_US, "value": value}


HANDLERS: list[ControllerRouterHandler] = [read_timeseries, read_stats]
