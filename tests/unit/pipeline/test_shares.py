"""Which pipeline works for which writer."""

import pytest

from vedette.pipeline.run import share_of


@pytest.mark.parametrize(
    ("writer", "place", "share"), [("web-0-0", 0, 0), ("web-0-1", 5, 1), ("web-1-0", 1, 0), ("retry", 3, 3)]
)
def test_a_writers_share_is_in_its_name_whatever_other_writers_there_are(
    writer: str, place: int, share: int
) -> None:
    assert share_of(writer, place) == share
