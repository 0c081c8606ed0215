"""What searching issues costs over the API: p50, p95 and CPU per query on a store of believable rows.

    .venv/bin/python bench/issue_search.py --events 1000000 --issues 20000 [--folder DIR]

With `--folder` the filled stores are kept there and used again. The rows are a function of
their number, so that two runs see the same data.
"""

import argparse
import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "src")]

import httpx  # noqa: E402
import structlog  # noqa: E402
from sqlalchemy import insert  # noqa: E402
from sqlalchemy.engine import Connection  # noqa: E402

from vedette.api.app import create_api  # noqa: E402
from vedette.api.services import services_of  # noqa: E402
from vedette.config import Settings  # noqa: E402
from vedette.projects.tokens import create_token, user_token_text  # noqa: E402
from vedette.storage.records.database import Records, sqlite_url  # noqa: E402
from vedette.storage.records.migrate import migrate as migrate_records  # noqa: E402
from vedette.storage.records.schema import (  # noqa: E402
    Issue,
    IssueEnvironment,
    IssueHash,
    Member,
    Organization,
    Project,
    Release,
    ReleaseProject,
    User,
)
from vedette.storage.telemetry.client import Telemetry  # noqa: E402
from vedette.storage.telemetry.connection import Address  # noqa: E402
from vedette.storage.telemetry.migrate import migrate as migrate_telemetry  # noqa: E402
from vedette.storage.telemetry.tables import tag_hash  # noqa: E402

ENGINE = """
import sys
from pathlib import Path
from vedette.storage.engine.server import Listen, run_engine
from vedette.storage.engine.settings import EngineSettings
memory = {"memory_mb": int(sys.argv[3])} if len(sys.argv) > 3 else {}
run_engine(Path(sys.argv[1]), Listen(unix=Path(sys.argv[2])), "bench", settings=EngineSettings(**memory))
"""
NOW_US = 1_790_000_000 * 1_000_000
DAYS = 88  # within the retention of 90
PROJECTS = 4
CHUNK = 20_000

# An issue lives for one to forty days; few issues have most of the events. `r1` … `r4` are
# random per event, `i…` per issue. Frames: the issue's own file above ten of its framework.
FILL = """
INSERT INTO errors (keep_days, project_id, group_hash, ts, received, event_id, platform, level, type, title,
    culprit, message, location, transaction, environment, release, user, user_id, user_email, user_hash,
    browser_name, os_name, sdk_name, sdk_version, handled, trace_id, http_url, mechanism, exception_types,
    exception_values, stack_filename, stack_function, stack_module, stack_abs_path, stack_in_app, tags,
    tag_hashes, search, payload, size)
WITH
    cityHash64(number, 1) AS r1, cityHash64(number, 2) AS r2, cityHash64(number, 3) AS r3, cityHash64(number, 4) AS r4,
    toUInt32({issues:UInt32} * pow((r1 % 1000000) / 1000000, 4)) AS issue,
    cityHash64(issue, 5) AS i1, cityHash64(issue, 6) AS i2,
    {days:UInt32} * 86400 AS span_s,
    (1 + i1 % 40) * 86400 AS life_s,
    i2 % (span_s - life_s) + r2 % life_s AS age_s,
    toDateTime64({now_s:Int64} - age_s - 60, 6, 'UTC') + toIntervalMicrosecond(r1 % 1000000) AS at,
    ['ValueError', 'TypeError', 'KeyError', 'TimeoutError', 'ReferenceError', 'IntegrityError', 'OSError'][1 + i1 % 7] AS kind,
    ['orders', 'users', 'cart', 'search', 'billing', 'mail', 'auth', 'reports'][1 + i2 % 8] AS area,
    concat('src/', area, '/handler_', toString(issue % 900), '.py') AS file,
    concat('do_', area, '_', toString(issue % 50)) AS func,
    concat('invalid value ', hex(r3 % 65536), ' for field ', toString(issue % 300), ' in ', area) AS text,
    concat('user', toString(r4 % 40000)) AS person,
    ['Chrome', 'Firefox', 'Safari', 'Edge'][1 + r2 % 4] AS browser,
    ['Windows', 'Linux', 'macOS', 'Android', 'iOS'][1 + r3 % 5] AS os,
    concat('shop@1.', toString(intDiv(span_s - age_s, 604800)), '.', toString(r4 % 3)) AS version,
    map('browser', concat(browser, ' ', toString(100 + r4 % 20)), 'os', concat(os, ' ', toString(r2 % 4)),
        'customer', concat('c', toString(r3 % 2000)), 'region', ['eu', 'us', 'ap'][1 + r4 % 3],
        'queue', concat('q', toString(issue % 40)), 'runtime', 'CPython 3.12') AS pairs
SELECT 90, 1 + i1 % {projects:UInt8}, cityHash64(issue, 7),
    at, at + toIntervalSecond(1),
    UUIDNumToString(toFixedString(unhex(concat(leftPad(hex(r1), 16, '0'), leftPad(hex(r2), 16, '0'))), 16)),
    ['python', 'javascript', 'node'][1 + i2 % 3], ['error', 'error', 'error', 'error', 'warning', 'info', 'fatal'][1 + i2 % 7], 'error',
    concat(kind, ': ', text), concat(area, '.handler in ', func), text, file, concat('/', area, '/{id}'),
    ['production', 'production', 'production', 'staging', 'dev'][1 + r3 % 5], version,
    concat('id:', toString(r4 % 40000)), toString(r4 % 40000), concat(person, '@example.com'), cityHash64(person),
    browser, os, 'sentry.python', '2.75.0', r1 % 3 - 1, toUUID('00000000-0000-0000-0000-000000000000'),
    concat('https://shop.example.com/', area, '/', toString(r4 % 100000)), 'generic', [kind], [text],
    arrayConcat([file], arrayMap(x -> concat('lib/framework/core_', toString((issue + x) % 60), '.py'), range(10))),
    arrayConcat([func], arrayMap(x -> concat('call_', toString((issue + x) % 90)), range(10))),
    arrayConcat([concat(area, '.handler')], arrayMap(x -> 'framework.core', range(10))),
    arrayConcat([concat('/srv/app/', file)], arrayMap(x -> concat('/usr/lib/python3/framework/core_', toString((issue + x) % 60), '.py'), range(10))),
    arrayConcat([1], arrayMap(x -> 0, range(10))),
    pairs, arrayMap((k, v) -> transform(concat(k, ':', v), {tags:Array(String)}, {hashes:Array(UInt64)}, toUInt64(0)), mapKeys(pairs), mapValues(pairs)),
    lower(concat(kind, ': ', text, '\\n', area, '.handler in ', func, '\\n', file)),
    repeat(hex(r1), 700), 12000
FROM numbers({start:UInt64}, {count:UInt64})
"""
HOURS = """
INSERT INTO issue_hours (keep_days, project_id, group_hash, environment, hour, count, users)
SELECT keep_days, project_id, group_hash, environment, toStartOfHour(ts), count(), uniqState(user_hash)
FROM errors GROUP BY ALL
"""
GROUPS = """
SELECT project_id, group_hash, environment, count(), min(ts), max(ts), argMax(level, ts), argMax(title, ts),
    argMax(culprit, ts), argMax(platform, ts), argMax(search, ts), argMin(release, ts)
FROM errors GROUP BY project_id, group_hash, environment ORDER BY project_id, group_hash
"""


@contextmanager
def engine(folder: Path, *memory_mb: str) -> Iterator[tuple[Telemetry, int]]:
    """A client of the engine on `folder`, and the engine's process; its own limit of memory unless one is given."""
    socket = f"{tempfile.mkdtemp()}/engine.sock"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE, str(folder), socket, *memory_mb],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    telemetry = Telemetry(Address(unix=socket, password="bench"))
    try:
        while not telemetry.ping():
            time.sleep(0.05)
        yield telemetry, process.pid
    finally:
        process.terminate()
        process.wait(30)


def tags() -> dict[str, int]:
    """The hash of every tag that `FILL` makes, by `key:value`."""
    pairs = [
        ("browser", f"{name} {100 + n}")
        for name in ("Chrome", "Firefox", "Safari", "Edge")
        for n in range(20)
    ]
    pairs += [
        ("os", f"{name} {n}") for name in ("Windows", "Linux", "macOS", "Android", "iOS") for n in range(4)
    ]
    pairs += [("customer", f"c{n}") for n in range(2000)] + [("queue", f"q{n}") for n in range(40)]
    pairs += [("region", name) for name in ("eu", "us", "ap")] + [("runtime", "CPython 3.12")]
    return {f"{key}:{value}": tag_hash(key, value) for key, value in pairs}


def fill(telemetry: Telemetry, records: Records, events: int, issues: int) -> None:
    migrate_telemetry(telemetry, now_us=0)
    known = tags()
    for start in range(0, events, CHUNK):
        telemetry.command(
            FILL,
            {"tags": list(known), "hashes": list(known.values()), "issues": issues, "days": DAYS, "projects": PROJECTS, "now_s": NOW_US // 1_000_000, "start": start, "count": min(CHUNK, events - start)},
            settings={"max_partitions_per_insert_block": 100, "max_block_size": 4000},
        )  # fmt: skip
    telemetry.command(HOURS)
    merge(telemetry)
    fill_records(telemetry, records)


def merge(telemetry: Telemetry) -> None:
    """One part per partition, as it is some time after the writing; one partition at a time to spare memory."""
    found = "SELECT table, partition_id FROM system.parts WHERE active GROUP BY ALL HAVING count() > 1 ORDER BY ALL"
    for table, partition in telemetry.query_rows(found).rows:
        telemetry.command(f"OPTIMIZE TABLE {table} PARTITION ID '{partition}' FINAL")


def fill_records(telemetry: Telemetry, records: Records) -> None:
    migrate_records(records)
    groups: dict[tuple[int, int], list[list[object]]] = {}
    for row in telemetry.query_rows(GROUPS, max_seconds=60):
        groups.setdefault((row[0], row[1]), []).append(row)  # type: ignore[index]
    issues, hashes, environments = [], [], []
    for number, ((project_id, group_hash), rows) in enumerate(groups.items(), 1):
        last = max(rows, key=lambda row: row[5])
        first_us, last_us = min(row[4] for row in rows), last[5]
        status = ("unresolved", "unresolved", "unresolved", "resolved", "ignored")[number % 5]
        issues.append({
            "id": number, "project_id": project_id, "short_number": number, "status": status,
            "substatus": {"unresolved": "ongoing", "resolved": None, "ignored": "archived_until_escalating"}[status],
            "status_changed_us": first_us, "level": last[6], "platform": last[9], "title": last[7], "culprit": last[8],
            "search_text": last[10], "first_seen_us": first_us, "last_seen_us": last_us, "times_seen": sum(row[3] for row in rows),
            "first_release": min(rows, key=lambda row: row[4])[11], "last_release": None, "priority": ("high", "medium", "low")[number % 3],
            "assignee_user_id": 1 if number % 10 == 0 else None, "created_us": first_us,
        })  # fmt: skip
        signed = group_hash - (1 << 64) if group_hash >= 1 << 63 else group_hash
        hashes.append(
            {
                "project_id": project_id,
                "group_hash": signed,
                "md5": f"{group_hash:016x}" * 2,
                "issue_id": number,
                "created_us": first_us,
            }
        )
        environments += [
            {"issue_id": number, "environment": row[2], "times_seen": row[3], "first_seen_us": row[4], "last_seen_us": row[5]} for row in rows
        ]  # fmt: skip
    with records.connect() as connection:
        connection.execute(
            insert(User),
            [{"id": 1, "email": "ada@example.com", "name": "Ada", "session_nonce": "", "created_us": 0}],
        )
        connection.execute(insert(Organization), [{"id": 1, "slug": "acme", "name": "Acme", "created_us": 0}])
        connection.execute(
            insert(Member), [{"organization_id": 1, "user_id": 1, "role": "owner", "created_us": 0}]
        )
        connection.execute(
            insert(Project),
            [
                {"id": n, "organization_id": 1, "slug": f"p{n}", "name": f"P{n}", "created_us": 0}
                for n in range(1, PROJECTS + 1)
            ],
        )
        for table, rows in ((Issue, issues), (IssueHash, hashes), (IssueEnvironment, environments)):
            connection.execute(insert(table), rows)
        fill_releases(telemetry, connection)


def fill_releases(telemetry: Telemetry, connection: Connection) -> None:
    rows = telemetry.query_rows(
        "SELECT release, project_id, min(ts), max(ts) FROM errors GROUP BY release, project_id"
    ).rows
    ids = {version: number for number, version in enumerate(sorted({row[0] for row in rows}), 1)}
    firsts = {version: min(row[2] for row in rows if row[0] == version) for version in ids}
    connection.execute(
        insert(Release),
        [{"id": ids[v], "organization_id": 1, "version": v, "created_us": firsts[v]} for v in ids],
    )
    connection.execute(
        insert(ReleaseProject),
        [
            {"release_id": ids[row[0]], "project_id": row[1], "first_seen_us": row[2], "last_seen_us": row[3]}
            for row in rows
        ],
    )


QUERIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("default list", "is:unresolved", {}),
    ("level", "is:unresolved level:warning", {}),
    ("times_seen", "is:unresolved times_seen:>100", {}),
    ("environment, sort=user", "is:unresolved", {"environment": "production", "sort": "user"}),
    ("environment", "is:unresolved", {"environment": "production"}),
    ("sort=freq", "is:unresolved", {"sort": "freq"}),
    ("sort=new", "", {"sort": "new"}),
    ("a rare tag", "is:unresolved customer:c{n}", {}),
    ("a common tag", "is:unresolved region:eu", {}),
    ("negated tag", "is:unresolved !region:eu", {}),
    ("tag wildcard", "customer:c{n}*", {}),
    ("browser", "is:unresolved browser:Chrome", {}),
    ("user.email", "user.email:user{n}@example.com", {}),
    ("free text, rare", "is:unresolved 1F{n}", {}),
    ("free text, common", "is:unresolved invalid value", {}),
    ("free text, nowhere", "nowhere{n}", {}),
    ("stack.filename", "is:unresolved stack.filename:src/billing/handler_{n}.py", {}),
    ("stack.filename wildcard", "is:unresolved stack.filename:*handler_{n}.py", {}),
    ("filename (end of path)", "filename:handler_{n}.py", {}),
    ("error.type", "is:unresolved error.type:ValueError", {}),
    ("error.type, sort=freq", "is:unresolved error.type:ValueError", {"sort": "freq"}),
    ("release:latest", "release:latest", {}),
    ("release.version", "is:unresolved release.version:>=1.10.0", {}),
    ("assigned:me and a tag", "assigned:me region:eu", {}),
    ("OR of both kinds", "(assigned:me OR region:eu) level:error", {}),
    ("userCount", "is:unresolved userCount:>20", {}),
)


class Nobody:
    """A mailer that sends nothing."""

    can_send = False

    def send(self, message: object) -> None: ...


class Api:
    """The API over the filled stores, in this process; the clock stands at the end of the events."""

    def __init__(self, records: Records, telemetry: Telemetry, folder: Path) -> None:
        text = user_token_text()
        with records.write() as session:
            create_token(session, text, kind="user", name="bench", scopes=["all"], now_us=NOW_US, user_id=1)
        settings = Settings(data=folder, public_url="http://bench")
        services = services_of(settings, records, telemetry, lambda: NOW_US, Nobody(), "bench")
        transport = httpx.ASGITransport(create_api(services))
        headers = {"Authorization": f"Bearer {text}"}
        self._client = httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers)
        self._runner = asyncio.Runner()

    def issues(self, query: str, **more: str) -> int:
        """Number of issues as the answer has it."""
        parameters = {"query": query, "limit": "25", **more}
        response = self._runner.run(self._client.get("/api/0/organizations/acme/issues/", params=parameters))
        assert response.status_code == 200, response.text
        return int(response.headers["X-Hits"])


def cpu_s(pid: int) -> float:
    """CPU time that this process and the engine have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(api: Api, pid: int, rounds: int, only: str) -> dict[str, tuple[float, float, float]]:
    """p50, p95 and mean CPU of each query in milliseconds; each round asks for another value where it has one.

    The CPU is that of the engine and of this process together: what remains comparable on a busy machine.
    """
    results = {}
    for name, text, more in QUERIES:
        if only not in name:
            continue
        times = []
        used = cpu_s(pid)
        for round_ in range(rounds):
            began = time.perf_counter()
            hits = api.issues(text.replace("{n}", str(7 + 11 * round_)), **more)
            times.append((time.perf_counter() - began) * 1e3)
        times.sort()
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
        cpu = (cpu_s(pid) - used) / rounds * 1e3
        results[name] = p50, p95, cpu
        print(
            f"{name:28} p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  CPU {cpu:7.1f} ms  {hits:5} issues", flush=True
        )
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="queries whose name has this in it")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        filled = (folder / "records.db").exists()
        folder.mkdir(parents=True, exist_ok=True)
        records = Records(sqlite_url(folder / "records.db"))
        if not filled:
            with engine(folder / "engine", "4000") as (telemetry, _):
                fill(telemetry, records, options.events, options.issues)
        with engine(folder / "engine") as (telemetry, pid):
            measure(Api(records, telemetry, folder), pid, options.rounds, options.only)
        records.close()


if __name__ == "__main__":
    main()
