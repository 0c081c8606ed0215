"""Files in memory for an insert's rows: the last large ones are written anew."""

from pathlib import Path

import pytest

from vedette.storage.engine.bodies import Bodies, BodyFile

LARGE = 2 << 20


@pytest.fixture
def bodies(tmp_path: Path) -> Bodies:
    return Bodies(tmp_path)


def written(body: BodyFile, rows: bytes) -> BodyFile:
    body.write(rows)
    return body


def content(body: BodyFile) -> bytes:
    return Path(body.complete()).read_bytes()


def test_a_large_one_is_taken_again_and_holds_the_new_rows_alone(bodies: Bodies):
    first = written(bodies.take(LARGE), b"a" * LARGE)
    assert content(first) == b"a" * LARGE
    bodies.give_back(first)
    second = bodies.take(LARGE)
    assert second is first and second.size == 0
    assert content(written(second, b"b" * (LARGE - 5))) == b"b" * (LARGE - 5)


def test_one_that_is_in_use_is_not_given_out(bodies: Bodies):
    first, second = bodies.take(LARGE), bodies.take(LARGE)
    assert content(written(first, b"a")) == b"a" and content(written(second, b"b")) == b"b"


def test_small_ones_neither_are_kept_nor_take_the_place_of_a_large_one(bodies: Bodies):
    large, small = written(bodies.take(LARGE), b"a" * LARGE), written(bodies.take(10), b"b" * 10)
    bodies.give_back(large)
    bodies.give_back(small)
    assert not small.is_open
    assert bodies.take(10) is not large
    assert bodies.take(LARGE) is large


def test_few_are_kept_and_all_are_freed(bodies: Bodies):
    made = [written(bodies.take(LARGE), b"a" * LARGE) for _ in range(4)]
    for body in made:
        bodies.give_back(body)
    assert [body.is_open for body in made] == [True, True, False, False]
    bodies.free()
    assert not any(body.is_open for body in made)
    assert bodies.take(LARGE) not in made
