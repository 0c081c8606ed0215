"""The runner of the published figures reads what the programs it starts print."""

from bench import run


def test_the_runner_reads_the_figure_of_accepts() -> None:
    numbers = run.accepts(1, count=200)
    assert numbers["accepts_per_core_per_s"] > 100
    assert numbers.keys() <= run.FIGURES.keys()


def test_the_runner_fills_a_server_and_searches_it() -> None:
    numbers = run.search(1, events=500, issues=20, rounds=2, only="level")
    assert numbers["search_level_p95_ms"] > 0
    assert numbers.keys() <= run.FIGURES.keys()


def test_the_runner_reads_the_figure_of_groupings() -> None:
    numbers = run.hashes(1, rounds=6, issues=30)
    assert numbers["hashes_per_core_per_s"] > 100
    assert numbers.keys() <= run.FIGURES.keys()
