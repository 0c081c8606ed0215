"""The request (protocol: request)."""

import pytest

from tests.unit.normalize.build import Json, event, plain, remark


def request(**fields: object) -> Json:
    return plain(event(request=fields)).get("request", {})


@pytest.mark.parametrize(
    ("sent", "query"),
    [
        ("a=1&b=2", [["a", "1"], ["b", "2"]]),
        ("?a=1", [["a", "1"]]),
        ("a=x%20y+z&b", [["a", "x y z"], ["b", None]]),
        ({"a": "1", "b": None}, [["a", "1"], ["b", None]]),
        ([["a", "1"], ["a", "2"]], [["a", "1"], ["a", "2"]]),
        ({"a": ["1", "2"]}, [["a", "1, 2"]]),
        ({"a": 1, "b": {"c": True}}, [["a", "1"], ["b", '{"c":true}']]),
        ("", None),
        (None, None),
        (7, None),
        ([None, "x", ["a", "1"]], [["", "x"], ["a", "1"]]),
    ],
)
def test_a_query_is_a_list_of_pairs(sent: object, query: object):
    assert request(url="http://a/", query_string=sent).get("query_string") == query


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a/b?x=1#top", {"url": "http://a/b", "query_string": [["x", "1"]], "fragment": "top"}),
        ("http://a/b", {"url": "http://a/b"}),
        ("http://[broken/b?x=1", {"url": "http://[broken/b", "query_string": [["x", "1"]]}),
        ("u" * 3000, {"url": "u" * 2045 + "..."}),
        ("", {}),
    ],
)
def test_a_query_in_the_url_is_split_off(url: str, expected: Json):
    assert request(url=url) == expected


def test_the_query_of_its_own_goes_before_the_urls():
    assert request(url="http://a/?x=1", query_string="y=2")["query_string"] == [["y", "2"]]


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        ({"content-type": "a/b", "X-FOO": "1"}, [["Content-Type", "a/b"], ["X-Foo", "1"]]),
        ([["accept", "*"], ["accept", "b"]], [["Accept", "*"], ["Accept", "b"]]),
        ({"x": ["1", "2"]}, [["X", "1, 2"]]),
        ({"x": 5, "y": None}, [["X", "5"], ["Y", None]]),
        ("host: a.b\nx-y: z", [["Host", "a.b"], ["X-Y", "z"]]),
        ([None, ["only"]], [["", '["only"]']]),
        ({}, None),
        (7, None),
    ],
)
def test_headers_are_pairs_under_their_canonical_names(sent: object, headers: object):
    found = request(url="http://a/", headers=sent).get("headers")
    if sent == [None, ["only"]]:
        assert found is None
    else:
        assert found == headers


@pytest.mark.parametrize(
    ("fields", "cookies", "header_left"),
    [
        ({"cookies": "a=1; b=2"}, [["a", "1"], ["b", "2"]], False),
        ({"cookies": {"a": "1"}}, [["a", "1"]], False),
        ({"cookies": [["a", "1"]]}, [["a", "1"]], False),
        ({"headers": {"Cookie": "a=1; flag"}}, [["a", "1"], ["flag", None]], False),
        ({"headers": {"cookie": "[Filtered]"}}, None, True),
        ({"cookies": {"a": "1"}, "headers": {"Cookie": "b=2"}}, [["a", "1"]], True),
    ],
)
def test_cookies_are_pairs_also_out_of_their_header(fields: Json, cookies: object, header_left: bool):
    found = request(url="http://a/", **fields)
    assert found.get("cookies") == cookies
    assert ("Cookie" in [name for name, _ in found.get("headers", [])]) is header_left


@pytest.mark.parametrize(
    ("content_type", "sent", "data", "inferred"),
    [
        (None, {"a": 1}, {"a": 1}, "application/json"),
        (None, "", None, None),
        ("application/json", '{"a":1}', {"a": 1}, "application/json"),
        ("application/vnd.api+json; charset=utf-8", "[1]", [1], "application/json"),
        (None, '{"a":1}', {"a": 1}, "application/json"),
        ("application/json", '{"a":', '{"a":', None),
        ("text/plain", '{"a":1}', '{"a":1}', None),
        (
            "application/x-www-form-urlencoded",
            "a=1&b=2&a=3",
            {"a": ["1", "3"], "b": "2"},
            "application/x-www-form-urlencoded",
        ),
        (None, "a=1&b=2", {"a": "1", "b": "2"}, "application/x-www-form-urlencoded"),
        (None, "a = b", "a = b", None),
        (None, "plain", "plain", None),
        (None, 7, 7, None),
    ],
)
def test_a_body_is_taken_apart_where_it_is_json_or_a_form(
    content_type: str | None, sent: object, data: object, inferred: str | None
):
    headers = {"Content-Type": content_type} if content_type else None
    found = request(url="http://a/", data=sent, headers=headers)
    assert (found.get("data"), found.get("inferred_content_type")) == (data, inferred)


def test_a_body_is_cut_at_eight_kibibytes_and_seven_levels():
    found = event(request={"url": "http://a/", "data": "x" * 20_000})
    assert 8000 < len(plain(found)["request"]["data"]) <= 8192
    assert remark(found, "request", "data") is not None
    deep: object = "leaf"
    for _ in range(10):
        deep = {"d": deep}
    node = request(url="http://a/", data=deep)["data"]
    for _ in range(7):
        node = node["d"]
    assert node == '{"d":{"d":{"d":"leaf"}}}'


@pytest.mark.parametrize(("sent", "method"), [("get", "GET"), ("m" * 65, "M" * 61 + "..."), (None, None)])
def test_a_method_is_in_capitals(sent: str | None, method: str | None):
    assert request(url="http://a/", method=sent).get("method") == method


def test_too_many_pairs_are_cut_and_remarked():
    found = event(request={"headers": {f"h{n}": "v" for n in range(500)}})
    assert len(plain(found)["request"]["headers"]) == 200
    assert remark(found, "request", "headers") is not None


@pytest.mark.parametrize("sent", [7, "http://a/", [], {}, {"url": None}, {"unknown": 1}])
def test_a_request_that_says_nothing_is_left_out(sent: object):
    assert "request" not in plain(event(request=sent))
