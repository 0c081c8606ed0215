"""What a request explores: its dataset, the bounds of its caller, its columns and order."""

from collections.abc import Mapping
from dataclasses import replace

from vedette.api.errors import bad_request
from vedette.api.given import AnyRequest
from vedette.api.services import Services
from vedette.api.windows import Window, environments_of, projects_asked, window_of
from vedette.core.time import DAY_US
from vedette.errors.dataset import ERRORS
from vedette.explore.ask import Bounds, Question
from vedette.explore.dataset import Dataset
from vedette.logs.dataset import LOGS
from vedette.metrics.dataset import METRICS
from vedette.projects.access import Access
from vedette.tracing.dataset import SPANS, TRANSACTIONS

DEFAULT_US = 14 * DAY_US
DATASETS: Mapping[str, Dataset] = {
    "errors": ERRORS,
    "discover": ERRORS,
    "issuePlatform": replace(ERRORS, name="issuePlatform", where="type IN ('transaction', 'generic')"),
    "spans": SPANS,
    "transactions": TRANSACTIONS,
    "logs": LOGS,
    "ourlogs": LOGS,
    "tracemetrics": METRICS,
    # As the endpoints of attributes name them.
    "occurrences": replace(ERRORS, where=""),
    "metrics": METRICS,
}
_EXTRAPOLATED = ("sampleWeighted", "serverOnly", "clientAndServerWeighted", "1", "true")
_COMES_ALONG = ("id", "project.name")


def dataset_of(request: AnyRequest, *names: str, default: str = "errors") -> Dataset:
    """The dataset that the first of these parameters names. Raises `Answer` for an unknown one."""
    asked = next(
        (value for name in (*names, "dataset") if (value := request.query_params.get(name))), default
    )
    dataset = DATASETS.get(asked)
    if dataset is None:
        raise bad_request(f"dataset must be one of: {', '.join(DATASETS)}")
    return dataset


def bounds_of(
    services: Services, request: AnyRequest, access: Access, window: Window | None = None
) -> Bounds:
    """Raises `Answer` for a bad time, `Missing` for a project that the caller does not see."""
    now_us = services.clock()
    window = window or window_of(request, now_us, DEFAULT_US)
    with services.records.read() as session:
        projects = projects_asked(session, request, access, None)
    return Bounds(
        access.organization.id, projects, window.from_us, window.to_us, now_us, environments_of(request)
    )


def is_weighted(request: AnyRequest) -> bool:
    """Whether functions are to count what the rows stand for; they count the rows unless told."""
    if request.query_params.get("disableAggregateExtrapolation") in ("1", "true"):
        return False
    return request.query_params.get("extrapolationMode") in _EXTRAPOLATED


def question_of(
    services: Services, request: AnyRequest, access: Access, *, limit: int, offset: int
) -> Question:
    """The table that the request asks for."""
    query = request.query_params
    dataset = dataset_of(request)
    return Question(
        dataset=dataset,
        bounds=bounds_of(services, request, access),
        columns=tuple(text for text in query.getall("field", []) if text),
        search=query.get("query") or "",
        sort=tuple(text for text in query.getall("sort", query.getall("orderby", [])) if text),
        also=_COMES_ALONG,
        limit=limit,
        offset=offset,
        weighted=is_weighted(request),
    )
