"""A data folder with believable error events, for measures of reading.

Made by the engine itself: a row is a function of its number, so that two runs differ in the
times alone.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from bench.server import ROOT, running
from vedette.config import Settings
from vedette.roles import Home
from vedette.storage.records.database import Records
from vedette.storage.records.schema import (
    Issue,
    IssueEnvironment,
    IssueHash,
    Project,
    Release,
    ReleaseProject,
)
from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.tables import tag_hash

ENGINE = """
import sys
from pathlib import Path
from vedette.storage.engine.server import Listen, run_engine
from vedette.storage.engine.settings import EngineSettings
folder, socket, secret, memory_mb = sys.argv[1:]
run_engine(Path(folder), Listen(unix=Path(socket)), secret, settings=EngineSettings(memory_mb=int(memory_mb)))
"""
MEMORY_MB = 4000
DAYS = 88  # within the retention of 90
PROJECTS = 4
CHUNK = 20_000

# An issue lives for one to forty days; few issues have most of the events. `r1` … `r4` are
# random per event, `i…` per issue. Frames: the issue's own file above ten of its framework. The word
# that begins the rows of another kind of INSERT is written in two halves.
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
        'queue', concat('q', toString(issue % 40)), 'runtime', 'CPython 3.12') AS pairs,
    arrayStringConcat(arrayMap(x -> concat('{"filename":"lib/framework/core_', toString((issue + x) % 60), '.py","function":"call_',
        toString((issue + x) % 90), '","lineno":', toString(x + 1), ',"in_app":false}'), range(10)), ',') AS frames
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
    concat('{"exception":{"val', 'ues":[{"type":"', kind, '","value":"', text, '","stacktrace":{"frames":[', frames, ']}}]},"extra":{"state":"',
        repeat(hex(r1), 600), '"}}'), 12000
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
def engine(home: Home) -> Iterator[Telemetry]:
    """The folder's engine by itself, with more memory than a server gives it: merges here are large."""
    arguments = (str(home.folder.engine), str(home.folder.engine_socket), home.folder.secret("engine"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE, *arguments, str(MEMORY_MB)], env=environment, stdout=subprocess.DEVNULL
    )
    telemetry = home.telemetry()
    try:
        while not telemetry.ping():
            time.sleep(0.05)
        yield telemetry
    finally:
        telemetry.close()
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


def fill(folder: Path, events: int, issues: int) -> None:
    """A new data folder with so many events, the last of them a minute ago. Takes about three minutes a million."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with running(folder):
        pass  # makes the stores, an account, an organization and its first project
    home = Home.of(Settings(data=folder))
    with engine(home) as telemetry:
        fill_telemetry(telemetry, events, issues, int(time.time()))
        fill_records(telemetry, home.records())


def fill_telemetry(telemetry: Telemetry, events: int, issues: int, now_s: int) -> None:
    known = tags()
    for start in range(0, events, CHUNK):
        telemetry.command(
            FILL,
            {"tags": list(known), "hashes": list(known.values()), "issues": issues, "days": DAYS, "projects": PROJECTS, "now_s": now_s, "start": start, "count": min(CHUNK, events - start)},
            settings={"max_partitions_per_insert_block": 100, "max_block_size": 4000},
        )  # fmt: skip
    telemetry.command(HOURS)
    merge(telemetry)


def merge(telemetry: Telemetry) -> None:
    """One part per partition, as it is some time after the writing; one partition at a time to spare memory."""
    found = "SELECT table, partition_id FROM system.parts WHERE active GROUP BY ALL HAVING count() > 1 ORDER BY ALL"
    for table, partition in telemetry.query_rows(found).rows:
        telemetry.command(f"OPTIMIZE TABLE {table} PARTITION ID '{partition}' FINAL")


def fill_records(telemetry: Telemetry, records: Records) -> None:
    groups: dict[tuple[int, int], list[list[object]]] = {}
    for row in telemetry.query_rows(GROUPS, max_seconds=60):
        groups.setdefault((row[0], row[1]), []).append(row)  # type: ignore[index] - cells are of any type
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
            insert(Project),
            [
                {"id": n, "organization_id": 1, "slug": f"p{n}", "name": f"P{n}", "created_us": 0}
                for n in range(2, PROJECTS + 1)
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
