"""Columns of tables, read from their text."""

import pytest

from vedette.search.columns import Call, ColumnError, Number, Operation, Term, read_column
from vedette.search.syntax import Key

COUNT = Call("count")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("title", Key("title")),
        ("span.duration", Key("span.duration")),
        ("my-tag", Key("my-tag")),
        ("tags[plan]", Key("plan", "tags")),
        ("tags[size,number]", Key("size", "tags", "number")),
        ('tags["a b", boolean]', Key("a b", "tags", "boolean")),
        ("flags[new]", Key("new", "flags")),
        ("count()", COUNT),
        ("p95(span.duration)", Call("p95", ("span.duration",))),
        ("sum(value,orders,counter,-)", Call("sum", ("value", "orders", "counter", "-"))),
        ("sum(value, orders , counter,)", Call("sum", ("value", "orders", "counter", ""))),
        ('count_if(title,equals,"a, \\"b\\")")', Call("count_if", ("title", "equals", 'a, "b")'))),
        ("avg(tags[size,number])", Call("avg", ("tags[size,number]",))),
        ("equation|count() + 1", Operation("+", COUNT, Number(1))),
        ("equation|1 + 2 * 3", Operation("+", Number(1), Operation("*", Number(2), Number(3)))),
        ("equation|(1 + a) / -2", Operation("/", Operation("+", Number(1), Key("a")), Operation("-", Number(0), Number(2)))),
        ("equation|a-b-1.5", Operation("-", Operation("-", Key("a"), Key("b")), Number(1.5))),
        ("equation|tags[my-tag,number]*2", Operation("*", Key("my-tag", "tags", "number"), Number(2))),
    ],
)  # fmt: skip
def test_a_column_is_read(text: str, term: Term) -> None:
    column = read_column(text)
    assert column.term == term
    assert column.text == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "count(",
            "count)",
            "a b",
            "count(a",
            "p95(count())",
            "'; DROP TABLE spans",
            "a" * 1001,
            "x[y]",
        ),
        *(
            "equation|",
            "equation|1",
            "equation|1 +",
            "equation|(1",
            "equation|1 2",
            "equation|1 ** 2",
            "equation|a;b",
        ),
        "equation|" + "(" * 30 + "1" + ")" * 30,
        "equation|1" + "+1" * 41,
        "equation|" + "-" * 30 + "1",
    ],
)
def test_what_is_no_column_is_refused(text: str) -> None:
    with pytest.raises(ColumnError):
        read_column(text)


def test_a_call_is_written_as_it_is_read() -> None:
    assert str(Call("sum", ("value", "orders", "counter", "-"))) == "sum(value,orders,counter,-)"
