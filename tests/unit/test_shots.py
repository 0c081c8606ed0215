"""The table of pictures and the table of routes agree."""

from tests.shots.pages import SHOTS, without_picture


def test_every_route_has_a_picture_and_every_picture_a_route() -> None:
    assert without_picture() == set()


def test_no_two_pictures_share_a_name() -> None:
    names = [shot.name for shot in SHOTS]
    assert len(names) == len(set(names))
