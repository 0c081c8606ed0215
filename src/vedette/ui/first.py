"""Which API answers a page asks for first, so that they can travel inside the page.

Keep in step with web/src/lib/first.ts; tests/first-requests.json under web/ is read by the
tests of both sides.
"""

import re
from urllib.parse import parse_qsl, urlencode

PAGE_SIZE = "50"
DEFAULT_QUERY = "is:unresolved"
DEFAULT_PERIOD = "14d"

# what the filters and tabs of the list name
_FILTERS = ("projects/?per_page=100", "environments/", "searches/")
_STREAM = re.compile(r"^/organizations/([^/]+)/issues/?$")
_TRACE = re.compile(r"^/organizations/([^/]+)/traces/trace/([^/]+)/?$")


def first_requests(path: str, query_string: str) -> list[str]:
    """API paths below `/api/0`, parameters included, of the answers a page shows first.

    `path` is below the prefix. Empty for pages that start without data.
    """
    if trace := _TRACE.match(path):
        return ["/organizations/{}/traces/{}/spans/".format(*trace.groups())]
    found = _STREAM.match(path)
    if found is None:
        return []
    organization = found.group(1)
    return [
        _stream(organization, parse_qsl(query_string, keep_blank_values=True)),
        *(f"/organizations/{organization}/{what}" for what in _FILTERS),
    ]


def _stream(organization: str, given: list[tuple[str, str]]) -> str:
    params = dict(reversed(given))
    pairs = [("query", params.get("query", DEFAULT_QUERY))]
    pairs += [("project", value) for key, value in given if key == "project"]
    pairs += [("environment", value) for key, value in given if key == "environment"]
    pairs += _time(params)
    pairs += [(key, params[key]) for key in ("sort", "cursor") if params.get(key)]
    pairs += [("limit", PAGE_SIZE), ("groupStatsPeriod", "auto")]
    # URLSearchParams keeps the asterisk and escapes the tilde; Python does the opposite
    return f"/organizations/{organization}/issues/?{urlencode(pairs, safe='*').replace('~', '%7E')}"


def _time(params: dict[str, str]) -> list[tuple[str, str]]:
    if params.get("start") and params.get("end"):
        return [("start", params["start"]), ("end", params["end"]), ("utc", "true")]
    return [("statsPeriod", params.get("statsPeriod", DEFAULT_PERIOD))]
