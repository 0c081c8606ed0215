"""`events/` over rows of every dataset."""

from typing import Any

import pytest

from tests.support.client import Client
from tests.support.rows import Filler, link_group
from tests.support.worlds import World
from vedette.core.time import DAY_US, HOUR_US, MINUTE_US
from vedette.storage.records.database import Records

EVENTS = "/organizations/acme/events/"
TRACE = "a" * 32


def table(client: Client, dataset: str, *fields: str, **more: Any) -> list[dict[str, Any]]:
    answer = client.get(EVENTS, params={"dataset": dataset, "field": list(fields), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refusal(client: Client, dataset: str, *fields: str, **more: Any) -> str:
    answer = client.get(EVENTS, params={"dataset": dataset, "field": list(fields), **more})
    assert answer.status_code == 400, answer.text
    return answer.json()["detail"]


# ── spans ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def spans(fill: Filler) -> Filler:
    segment = {"is_segment": 1, "op": "http.server", "status": "ok", "trace_id": TRACE}
    fill(
        "spans",
        {
            **segment,
            "span_id": 0xA1,
            "transaction": "/checkout",
            "description": "/checkout",
            "duration_us": 100_000,
            "user": "id:5",
            "user_hash": 5,
            "environment": "production",
            "release": "web@1.2.0",
            "transaction_id": "b" * 32,
            "weight": 10.0,
            "http_status": 200,
            "attributes": {"plan": "pro", "user.email": "ada@x.io", "user.id": "5", "cached": "true"},
            "numbers": {"measurements.lcp": 2600.0, "retries": 3.0, "measurements.score.total": 0.8},
        },
        {
            **segment,
            "span_id": 0xA2,
            "ts": fill.now_us - 2 * HOUR_US,
            "transaction": "/checkout",
            "duration_us": 300_000,
            "status": "internal_error",
            "user": "id:6",
            "user_hash": 6,
            "http_status": 500,
            "attributes": {"plan": "free"},
        },
        {
            **segment,
            "span_id": 0xA3,
            "ts": fill.now_us - 3 * DAY_US,
            "transaction": "/home",
            "duration_us": 2_000_000,
        },
        {
            "span_id": 0xB1,
            "parent_span_id": 0xA1,
            "segment_id": 0xA1,
            "op": "db",
            "category": "db",
            "description": "SELECT * FROM a",
            "normalized": "SELECT * FROM a",
            "transaction": "/checkout",
            "duration_us": 20_000,
            "self_us": 15_000,
            "trace_id": TRACE,
            "group_hash": 0xBEEF,
        },
    )
    return fill


def test_single_spans_come_with_the_newest_first_and_in_the_fields_own_units(
    ada: Client, spans: Filler
) -> None:
    fields = (
        "id",
        "trace",
        "span.op",
        "span.duration",
        "transaction",
        "project",
        "timestamp",
        "is_transaction",
    )
    rows = table(ada, "spans", *fields, sort="-timestamp", query="is_transaction:true")
    assert rows[0] == {
        "id": "00000000000000a1",
        "trace": TRACE,
        "span.op": "http.server",
        "span.duration": 100,
        "transaction": "/checkout",
        "project": "api",
        "project.name": "api",
        "timestamp": "2026-01-02T02:04:05Z",
        "is_transaction": True,
    }
    assert [row["id"][-2:] for row in rows] == ["a1", "a2", "a3"]


def test_the_answer_says_types_and_units(ada: Client, spans: Filler) -> None:
    params = {"dataset": "spans", "field": ["transaction", "p95(span.duration)", "count()", "failure_rate()"]}
    answer = ada.get(EVENTS, params=params)
    meta = answer.json()["meta"]
    assert meta["fields"] == {
        "transaction": "string",
        "p95(span.duration)": "duration",
        "count()": "integer",
        "failure_rate()": "percentage",
    }
    assert meta["units"]["p95(span.duration)"] == "millisecond"
    assert meta["units"]["count()"] is None
    assert meta["dataset"] == "spans"
    assert (
        'rel="previous"' in answer.headers["link"] and 'rel="next"; results="false"' in answer.headers["link"]
    )


def test_functions_group_by_the_other_fields(ada: Client, spans: Filler) -> None:
    fields = (
        *("transaction", "count()", "avg(span.duration)", "max(span.duration)", "p50()", "failure_count()"),
        *(
            "count_unique(user)",
            "failure_rate()",
            "sum(span.duration)",
            "epm()",
            "last_seen()",
            "any(span.op)",
        ),
        *("apdex(100)", "user_misery(50)", "count_miserable(user,50)", "percentile(span.duration,0.5)"),
    )
    rows = table(ada, "spans", *fields, query="is_transaction:1", sort="-count", statsPeriod="7d")
    checkout = rows[0]
    assert checkout.pop("user_misery(50)") == pytest.approx((1 + 5.8875) / (2 + 117.75))
    assert checkout.pop("epm()") == pytest.approx(2 / (7 * 24 * 60))
    assert checkout == {
        "transaction": "/checkout",
        "count()": 2,
        "avg(span.duration)": 200,
        "max(span.duration)": 300,
        "p50()": 200,
        "failure_count()": 1,
        "count_unique(user)": 2,
        "failure_rate()": 0.5,
        "sum(span.duration)": 400,
        "last_seen()": "2026-01-02T02:04:05Z",
        "any(span.op)": "http.server",
        "apdex(100)": 0.75,
        "count_miserable(user,50)": 1,
        "percentile(span.duration,0.5)": 200,
    }
    assert [row["transaction"] for row in rows] == ["/checkout", "/home"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "a1 a2 b1 a3"),
        ("span.op:http.server", "a1 a2 a3"),
        ("!span.op:http.server", "b1"),
        ("span.op:http*", "a1 a2 a3"),
        ("plan:pro", "a1"),
        ("tags[plan]:free", "a2"),
        ("!plan:pro", "a2 b1 a3"),
        ("has:plan", "a1 a2"),
        ("retries:3", "a1"),
        ("retries:>2", "a1"),
        ("tags[retries,number]:<3", ""),
        ("measurements.lcp:>2.5s", "a1"),
        ("span.duration:>150ms", "a2 a3"),
        ("span.duration:>150ms OR plan:pro", "a1 a2 a3"),
        ("id:00000000000000b1", "b1"),
        ("id:xyz", ""),
        ("parent_span:00000000000000a1", "b1"),
        (f"trace:{TRACE}", "a1 a2 b1 a3"),
        ("user.email:ADA*", "a1"),
        ("user.id:5", "a1"),
        ("user:id:5", "a1"),
        ("select", "b1"),
        ('span.description:"SELECT * FROM a"', "b1"),
        ("project:api", "a1 a2 b1 a3"),
        ("project:other", ""),
        ("project:[api, other] is_transaction:false", "b1"),
        ("timestamp:-90m", "a1 b1"),
        ("release.version:>=1.1.0", ""),  # no release of that name is known
        ("transaction.id:" + "b" * 32, "a1"),
        ("has:transaction.id", "a1"),
        ("span.group:000000000000beef", "b1"),
        ("http.status_code:>=500", "a2"),
        ("http.status_code:<500", "a1"),
        ("has:http.status_code", "a1 a2"),
        ("!has:http.status_code", "a3 b1"),
        ("!http.status_code:200", "a2 a3 b1"),
        ("tags[cached,boolean]:true", "a1"),
        ("span.status:[ok, internal_error] is_transaction:1", "a1 a2 a3"),
    ],
)
def test_a_search_finds_spans(ada: Client, spans: Filler, query: str, found: str) -> None:
    rows = table(ada, "spans", "id", query=query, sort="-timestamp", statsPeriod="14d")
    assert sorted(row["id"][-2:] for row in rows) == sorted(found.split())


@pytest.mark.parametrize(
    ("fields", "query", "value"),
    [
        (["plan"], "plan:pro", "pro"),
        (["tags[plan]"], "plan:pro", "pro"),
        (["tags[plan,string]"], "plan:pro", "pro"),
        (["tags[retries,number]"], "plan:pro", 3),
        (["retries"], "plan:pro", "3"),
        (["tags[cached,boolean]"], "plan:pro", True),
        (["measurements.lcp"], "plan:pro", 2600),
        (["nothing.there"], "plan:pro", None),
        (["user.display"], "plan:pro", "ada@x.io"),
        (["timestamp.to_hour"], "plan:pro", "2026-01-02T02:00:00Z"),
        (["timestamp.to_day"], "plan:pro", "2026-01-02T00:00:00Z"),
        (["precise.start_ts"], "plan:pro", 1767319445),
        (["transaction.span_id"], "id:00000000000000b1", "00000000000000a1"),
        (["span.group"], "id:00000000000000b1", "000000000000beef"),
        (["equation|span.duration * 2 + 1"], "plan:pro", 201),
        (["equation|(count() + 2) / 2"], "is_transaction:1", 2.5),
        (["equation|count_if(span.duration,greater,150) / count() * 100"], "transaction:/checkout", 100 / 3),
        (["count_if(span.status,equals,ok)"], "is_transaction:1", 2),
        (["count_if(plan,notEquals,pro)"], "is_transaction:1", 2),
        (["count_if(retries,greater,2)"], "", 1),
        (["count_if(measurements.lcp,equals,2.6s)"], "", 1),
        (["count_if(tags[cached,boolean],equals,true)"], "", 1),
        (["count_if(timestamp,equals,2026-01-02)"], "", 3),
        (["count_if(timestamp.to_day,notEquals,2026-01-02)"], "", 1),
        (["avg_if(span.duration,span.op,equals,db)"], "", 20),
        (["p95_if(span.duration,is_transaction,equals,true)"], "transaction:/checkout", 290),
        (["avg(retries)"], "", 3),
        (["count_web_vitals(measurements.lcp,meh)"], "", 1),
        (["performance_score(measurements.score.total)"], "", 0.8),
        (["opportunity_score(measurements.score.total)"], "", pytest.approx(0.2)),
        (["http_response_rate(5)"], "", 0.5),
        (["http_response_count(404)"], "", 0),
        (["http.status_code"], "id:00000000000000b1", None),
        (["min(http.status_code)"], "", 200),
        (["avg(http.status_code)"], "", 350),
        (["count_if(http.status_code,notEquals,200)"], "", 3),
        (["latest_event()"], "is_transaction:1", "00000000000000a1"),
        (["count_unique(plan)"], "", 2),
        (["count_unique(trace)"], "", 1),
        (["count_unique(id)"], "", 4),
        (["count_unique(transaction.id)"], "", 1),
        (["count_unique(parent_span)"], "", 1),
        (["count_unique(replayId)"], "", 0),
        (["min(span.duration)"], "transaction:/nowhere", None),
        (["max(span.duration)"], "transaction:/nowhere", None),
        (["max(timestamp)"], "transaction:/nowhere", None),
        (["max(timestamp)"], "transaction:/checkout", "2026-01-02T02:04:05Z"),
        (["p100()"], "transaction:/nowhere", None),
        (["any(span.duration)"], "transaction:/nowhere", None),
        (["any(is_transaction)"], "transaction:/nowhere", None),
        (["any(timestamp)"], "transaction:/nowhere", None),
        (["any(span.op)"], "transaction:/nowhere", None),
        (["any(project)"], "transaction:/nowhere", None),
        (["p100_if(span.duration,span.op,equals,nothing)"], "transaction:/checkout", None),
        (["equation|max(span.duration) - min(span.duration)"], "transaction:/nowhere", None),
        (["tpm()"], "", 3 / (14 * 24 * 60)),
        (["eps()"], "", 4 / (14 * 24 * 60 * 60)),
    ],
)
def test_a_field_or_function_has_its_value(
    ada: Client, spans: Filler, fields: list[str], query: str, value: object
) -> None:
    rows = table(ada, "spans", *fields, query=query, statsPeriod="14d")
    found = rows[0][fields[0]]
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


def test_the_share_of_time_spent_is_of_all_groups(ada: Client, spans: Filler) -> None:
    field = "time_spent_percentage(span.duration)"
    rows = table(ada, "spans", "transaction", field, query="is_transaction:1", sort=f"-{field}")
    assert [row[field] for row in rows] == pytest.approx([2000 / 2400, 400 / 2400])


def test_groups_are_searched_by_their_functions(ada: Client, spans: Filler) -> None:
    fields = ("transaction", "count()", "p95(span.duration)")
    assert [row["transaction"] for row in table(ada, "spans", *fields, query="count():>1")] == ["/checkout"]
    slow = table(ada, "spans", *fields, query="is_transaction:1 p95(span.duration):>1s")
    assert [row["transaction"] for row in slow] == ["/home"]
    for query, found in (
        (f"any(trace):{TRACE}", ["/checkout", "/home"]),
        ("any(parent_span):00000000000000a1 span.op:db", ["/checkout"]),
        ("any(is_transaction):1 span.op:http*", ["/checkout", "/home"]),
        ("any(is_transaction):0 span.op:db", ["/checkout"]),
        ("has:any(plan) span.op:http*", ["/checkout"]),
        ("has:max(http.status_code)", ["/checkout"]),
    ):
        rows = table(ada, "spans", *fields, query=query, sort="transaction")
        assert [row["transaction"] for row in rows] == found, query
    joined = refusal(ada, "spans", *fields, query="count():>1 OR plan:pro")
    assert "Error parsing search query" in joined


def test_weights_count_only_when_asked(ada: Client, spans: Filler) -> None:
    def count(**more: str) -> int:
        return table(ada, "spans", "count()", query="is_transaction:1", **more)[0]["count()"]

    assert count() == 3
    assert count(extrapolationMode="sampleWeighted") == 12
    assert count(extrapolationMode="sampleWeighted", disableAggregateExtrapolation="1") == 3
    rows = table(
        ada,
        "spans",
        "avg(span.duration)",
        "p50(span.duration)",
        query="transaction:/checkout span.op:http*",
        extrapolationMode="sampleWeighted",
    )
    assert rows[0]["avg(span.duration)"] == pytest.approx((100 * 10 + 300) / 11)


def test_transactions_are_segments_under_their_older_names(ada: Client, spans: Filler) -> None:
    fields = ("transaction", "p95(transaction.duration)", "tpm()", "failure_rate()")
    rows = table(
        ada, "transactions", *fields, sort="-p95_transaction_duration", query="event.type:transaction"
    )
    assert [row["transaction"] for row in rows] == ["/home", "/checkout"]
    rows = table(
        ada, "transactions", "id", "title", "transaction.status", query="transaction.status:internal_error"
    )
    assert [row["title"] for row in rows] == ["/checkout"]


def test_pages_follow_each_other(ada: Client, spans: Filler) -> None:
    params = {"dataset": "spans", "field": "id", "sort": "-timestamp", "per_page": "3", "cursor": ""}
    first = ada.get(EVENTS, params=params)
    assert 'rel="next"; results="true"; cursor="0:3:0"' in first.headers["link"]
    second = ada.get(EVENTS, params={**params, "cursor": "0:3:0"})
    assert [len(answer.json()["data"]) for answer in (first, second)] == [3, 1]
    assert 'rel="previous"; results="true"' in second.headers["link"]


def test_a_page_past_all_there_can_be_is_empty(ada: Client, spans: Filler) -> None:
    for offset in (1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1):
        assert table(ada, "spans", "id", cursor=f"0:{offset}:0") == []


@pytest.mark.parametrize(
    ("fields", "more", "detail"),
    [
        ([], {}, "No columns selected"),
        ([f"f{number}" for number in range(21)], {}, "up to 20 fields"),
        (["frobnicate()"], {}, "frobnicate() is not known"),
        (["avg(span.op)"], {}, "needs a number"),
        (["p95(span.duration,1)"], {}, "at most 1"),
        (["count("], {}, "Invalid field"),
        (["id"], {"sort": "-count()"}, "Invalid sort"),
        (["equation|1 +"], {}, "Invalid equation"),
        (["equation|span.op * 2"], {}, "not a number"),
        (["equation|span.duration * count()"], {}, "cannot be mixed"),
        (["id"], {"query": "span.duration:fast"}, "Error parsing search query"),
        (["id"], {"query": "count():>1"}, "needs a function"),
        (["id"], {"query": "frobnicate():>1"}, "is not known"),
        (["id"], {"dataset": "nonsense"}, "dataset must be one of"),
        (["id"], {"statsPeriod": "soon"}, "Invalid statsPeriod"),
        (["count_if(span.op,like,db)"], {}, "knows the operators"),
        (["count_web_vitals(measurements.nonsense,good)"], {}, "takes a vital"),
        (["http_response_rate(99999)"], {}, "a class of status codes"),
        (["count_if(timestamp,equals,abc)"], {}, "cannot compare timestamp with 'abc'"),
        (["count_if(timestamp,greater,5)"], {}, "cannot compare timestamp with '5'"),
        (["count_if(is_transaction,equals,maybe)"], {}, "cannot compare is_transaction with 'maybe'"),
        (["count_if(is_transaction,greater,true)"], {}, "cannot compare is_transaction with 'true'"),
        (["count_if(span.duration,less,soon)"], {}, "cannot compare span.duration with 'soon'"),
        (
            ["transaction", "time_spent_percentage()"],
            {"query": "time_spent_percentage():>0.1"},
            "not searched for",
        ),
        (
            ["any(error.type)"],
            {"dataset": "errors", "query": "any(error.type):a"},
            "can be shown, not searched",
        ),
        (["any(issue.id)"], {"dataset": "errors", "query": "any(issue.id):1"}, "can be shown, not searched"),
        (["sum(issue.id)"], {"dataset": "errors"}, "needs a number"),
        (["equation|issue.id * 2"], {"dataset": "errors"}, "not a number"),
        (["http_response_rate(5)"], {"dataset": "errors"}, "of spans and transactions"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(
    ada: Client, spans: Filler, fields: list[str], more: dict[str, str], detail: str
) -> None:
    params = {"dataset": "spans", "field": fields, **more}
    answer = ada.get(EVENTS, params=params)
    assert answer.status_code == 400, answer.text
    assert detail in answer.json()["detail"]


def test_environments_and_time_bound_what_is_read(ada: Client, spans: Filler) -> None:
    assert len(table(ada, "spans", "id", statsPeriod="59m")) == 0
    assert len(table(ada, "spans", "id", statsPeriod="1h")) == 2
    assert len(table(ada, "spans", "id", environment="production")) == 1
    assert len(table(ada, "spans", "id", environment="")) == 3


def test_what_is_no_longer_kept_is_not_shown(ada: Client, fill: Filler) -> None:
    fill("spans", {"keep_days": 7, "ts": fill.now_us - 8 * DAY_US}, {"ts": fill.now_us - 8 * DAY_US})
    assert len(table(ada, "spans", "id", statsPeriod="14d")) == 1


# ── errors ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def errors(fill: Filler, world: World, records: Records) -> Filler:
    issue, other = world.issue(fill.project_id, 1), world.issue(fill.project_id, 2)
    high = 0xF000_0000_0000_0001  # negative in records
    for hash_, id_ in ((1, issue), (2, issue), (high, other)):
        link_group(records, fill.project_id, hash_, id_)
    shared = {
        "level": "error",
        "type": "error",
        "title": "ValueError: bad id",
        "search": "valueerror: bad id",
    }
    fill(
        "errors",
        {
            **shared,
            "group_hash": 1,
            "user": "id:5",
            "user_id": "5",
            "user_hash": 5,
            "tags": {"customer": "c1"},
            "exception_types": ["ValueError"],
            "stack_filename": ["app/views.py"],
            "handled": 0,
            "trace_id": TRACE,
        },
        {**shared, "group_hash": 2, "ts": fill.now_us - 30 * MINUTE_US, "user": "id:6", "user_hash": 6},
        {**shared, "group_hash": high, "title": "KeyError: a", "search": "keyerror: a", "level": "warning"},
    )
    return fill


def test_errors_are_grouped_by_issue_whatever_the_number_of_its_groups(ada: Client, errors: Filler) -> None:
    fields = ("issue", "issue.id", "project", "title", "count()", "last_seen()", "count_unique(user)")
    rows = table(ada, "errors", *fields, sort="-count")
    assert [(row["issue"], row["count()"], row["count_unique(user)"]) for row in rows] == [
        ("API-1", 2, 2),
        ("API-2", 1, 0),
    ]
    assert rows[0]["issue.id"] > 0
    assert rows[0]["last_seen()"] == "2026-01-02T02:34:05Z"
    assert rows[0]["project"] == "api"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("issue:API-1", 2),
        ("issue:[API-2, API-9]", 1),
        ("issue:²", 0),
        ("has:timestamp", 3),
        ("!issue:API-1", 1),
        ("level:warning", 1),
        ("bad", 2),
        ("error.type:ValueError", 1),
        ("stack.filename:*views.py", 1),
        ("filename:views.py", 1),
        ("customer:c1", 1),
        ("tags[customer]:c1", 1),
        ("error.unhandled:true", 1),
        ("user.id:5", 1),
        (f"trace:{TRACE}", 1),
        ("project:api level:error", 2),
        ("release:latest", 0),
    ],
)
def test_a_search_finds_errors(ada: Client, errors: Filler, query: str, found: int) -> None:
    for dataset in ("errors", "discover"):
        assert table(ada, dataset, "count()", query=query)[0]["count()"] == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("error.type,equals,ValueError", 1),
        ("stack.filename,notEquals,app/views.py", 2),
        ("error.unhandled,equals,true", 1),
        ("level,equals,warning", 1),
        ("customer,equals,c1", 1),
        (f"trace,equals,{TRACE}", 1),
    ],
)
def test_functions_test_fields_of_errors_as_searches_do(
    ada: Client, errors: Filler, condition: str, found: int
) -> None:
    assert table(ada, "errors", f"count_if({condition})")[0][f"count_if({condition})"] == found


def test_functions_know_issues_by_name_and_number(ada: Client, errors: Filler) -> None:
    fields = ("count_if(issue,equals,API-1)", "count_if(issue,notEquals,API-1)", "count_if(issue,equals,X-9)")
    assert list(table(ada, "errors", *fields)[0].values()) == [2, 1, 0]
    number = table(ada, "errors", "issue.id", query="issue:API-2")[0]["issue.id"]
    by_number = f"count_if(issue.id,equals,{number})"
    assert table(ada, "errors", by_number)[0][by_number] == 1
    many = table(ada, "errors", "level", "count()", query="count_if(issue,equals,API-1):>1")
    assert [row["level"] for row in many] == ["error"]
    assert "without wildcards" in refusal(ada, "errors", "count()", query="issue:API-*")


def test_an_issue_is_compared_with_the_other_errors(ada: Client, errors: Filler) -> None:
    params = {"dataset": "errors", "selection": "issue:API-1", "query": "!issue:API-9"}
    answer = ada.get("/organizations/acme/explore/compare/", params=params).json()
    assert answer["meta"] == {"selected": 2, "rest": 1, "dataset": "errors"}
    level = next(one for one in answer["data"] if one["key"] == "level")
    assert level["values"][0]["value"] == "error"


def test_an_error_shows_its_fields(ada: Client, errors: Filler) -> None:
    fields = (
        "id",
        "title",
        "error.type",
        "error.handled",
        "user.display",
        "customer",
        "tags[customer]",
        "issue",
    )
    row = table(ada, "errors", *fields, query="customer:c1")[0]
    assert (
        row.items()
        >= {
            "error.type": ["ValueError"],
            "error.handled": False,
            "user.display": "5",
            "customer": "c1",
            "tags[customer]": "c1",
            "issue": "API-1",
        }.items()
    )
    assert len(row["id"]) == 32


# ── logs, metrics ─────────────────────────────────────────────────────────────────────────


def test_logs_answer_as_command_line_clients_ask(ada: Client, fill: Filler) -> None:
    fill(
        "logs",
        {"body": "user 5 logged in", "level": "info", "severity": 9, "trace_id": TRACE, "span_id": 0xC1},
        {"body": "disk full", "level": "error", "severity": 17, "attributes": {"disk": "sda"}, "sequence": 1},
    )
    fields = ("sentry.item_id", "trace", "severity", "timestamp", "message")
    more = {
        "query": "project:api",
        "sort": "-timestamp",
        "statsPeriod": "90d",
        "per_page": "100",
        "cursor": "",
    }
    rows = table(ada, "logs", *fields, **more)
    assert {row["message"] for row in rows} == {"user 5 logged in", "disk full"}
    assert len(rows[0]["sentry.item_id"]) == 32
    assert [row["trace"] for row in table(ada, "ourlogs", *fields, query="logged")] == [TRACE]
    assert len(table(ada, "logs", "id", query="severity:error disk:sda severity_number:>16")) == 1
    assert table(ada, "logs", "severity", "count()", sort="severity")[0] == {
        "severity": "error",
        "count()": 1,
    }


def test_functions_of_metrics_are_of_the_metric_they_name(ada: Client, fill: Filler) -> None:
    orders = {"name": "orders", "type": "counter", "unit": ""}
    latency = {"name": "latency", "type": "distribution", "unit": "millisecond"}
    fill(
        "metrics",
        {**orders, "value": 2.0, "attributes": {"shop": "a"}},
        {**orders, "value": 3.0, "attributes": {"shop": "b"}},
        {**latency, "value": 100.0},
        {**latency, "value": 300.0},
        {**latency, "unit": "second", "value": 7.0},
    )
    total, p50 = "sum(value,orders,counter,-)", "p50(value,latency,distribution,millisecond)"
    rate = "per_second(value,orders,counter,-)"
    rows = table(ada, "tracemetrics", total, p50, rate, statsPeriod="1d")
    assert rows[0][total] == 5 and rows[0][p50] == 200
    assert rows[0][rate] == pytest.approx(5 / 86400)
    by_shop = table(ada, "tracemetrics", "shop", total, sort=f"-{total}", query="has:shop")
    assert [(row["shop"], row[total]) for row in by_shop] == [("b", 3), ("a", 2)]
    names = table(
        ada, "tracemetrics", "metric.name", "metric.type", "metric.unit", "value", query="metric.name:orders"
    )
    assert sorted(row["value"] for row in names) == [2, 3]
    assert table(ada, "tracemetrics", "metric.name", "count()", sort="-count")[0]["count()"] == 3
    exact = f"equation|{total} / count(value,orders,counter,-)"
    assert table(ada, "tracemetrics", exact)[0][exact] == 2.5


# ── whose ─────────────────────────────────────────────────────────────────────────────────


def test_other_projects_rows_are_not_there(ada: Client, spans: Filler, world: World) -> None:
    other = world.project(world.organization("other"), "secret")
    spans("spans", {"project_id": other, "is_segment": 1, "transaction": "/secret"})
    assert "/secret" not in {row["transaction"] for row in table(ada, "spans", "transaction", "count()")}
    answer = ada.get(EVENTS, params={"dataset": "spans", "field": "id", "project": str(other)})
    assert answer.status_code == 404


def test_rows_are_counted(ada: Client, spans: Filler) -> None:
    assert ada.get("/organizations/acme/events-meta/?dataset=spans&query=span.op:db").json() == {"count": 1}
