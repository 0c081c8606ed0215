"""A certificate that cannot be used ends the program at once, in words that name the file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def ended(tmp_path: Path, command: list[str]) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "PYTHONPATH": "src",
        "VEDETTE_DATA": str(tmp_path / "data"),
        "VEDETTE_PORT": "1",  # nothing is listened on: it ends before
        "VEDETTE_TLS_CERT": str(tmp_path / "server.crt"),
        "VEDETTE_TLS_KEY": str(tmp_path / "server.key"),
    }
    program = [sys.executable, "-m", "vedette", *command]
    return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [["serve"], ["run", "web"]])
def test_a_certificate_that_is_missing_ends_the_program(tmp_path: Path, command: list[str]) -> None:
    done = ended(tmp_path, command)
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        == f"vedette: VEDETTE_TLS_CERT: cannot read {tmp_path / 'server.crt'}: No such file or directory"
    )


def test_a_key_that_is_missing_ends_the_program(tmp_path: Path) -> None:
    (tmp_path / "server.crt").write_text("anything")
    done = ended(tmp_path, ["serve"])
    assert done.returncode == 1
    assert f"VEDETTE_TLS_KEY: cannot read {tmp_path / 'server.key'}" in done.stderr


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    for name in ("server.crt", "server.key"):
        (tmp_path / name).write_text("anything")
    done = ended(tmp_path, ["serve"])
    assert done.returncode == 1
    assert f"{tmp_path / 'server.crt'} and {tmp_path / 'server.key'} are no certificate" in done.stderr
