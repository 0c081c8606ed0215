"""Metrics: which there are."""

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from vedette.api.given import AnyRequest, SearchText, TheAccess, ThePage, TheServices
from vedette.api.windows import environments_of, projects_asked, window_of
from vedette.core.time import DAY_US
from vedette.metrics.query import MetricFilter, MetricQueries
from vedette.metrics.views import MetricNameView, metric_name_view

_DEFAULT_US = 14 * DAY_US


@get("/organizations/{org:str}/metrics/names/", sync_to_thread=True)
def list_metric_names(
    services: TheServices, request: AnyRequest, access: TheAccess, page: ThePage, search: SearchText = ""
) -> Response[list[MetricNameView]]:
    """Names with their types, units and numbers of values, by name. `query`: what stands in the name."""
    window = window_of(request, services.clock(), _DEFAULT_US)
    with services.records.read() as session:
        projects = tuple(projects_asked(session, request, access, None))
    metrics = MetricFilter(
        projects, window.from_us, window.to_us, environments_of(request), search.strip().strip("*")
    )
    rows = MetricQueries(services.telemetry).names(metrics, page.limit + 1, page.offset)
    return page.page(rows, metric_name_view)


HANDLERS: list[ControllerRouterHandler] = [list_metric_names]
