"""Each fuzz program runs for a second on fresh inputs: a parser that breaks at once is seen here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(path.name for path in (ROOT / "fuzz").glob("*.py") if path.name[0] != "_")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_second_of_fuzzing_finds_nothing(program: str) -> None:
    path = ROOT / "fuzz" / program
    seconds = ["--seconds", "1"] if "--seconds" in path.read_text() else ["1"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, str(path), *seconds],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
