"""Fill an engine with believable spans: traces of 24, and every thousandth trace of 1,000.

    .venv/bin/python -m bench.make_spans --spans 100000000 --folder DIR [--days 7]

The rows are a function of their number, made inside the engine. Prints what it took and what lies on disk. `bench/spans.py`
asks the filled folder.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress

from vedette.storage.telemetry.client import Telemetry
from vedette.storage.telemetry.connection import Address
from vedette.storage.telemetry.migrate import migrate

ENGINE = """
import sys
from pathlib import Path
from vedette.storage.engine.server import Listen, run_engine
run_engine(Path(sys.argv[1]), Listen(unix=Path(sys.argv[2])), "bench")
"""
NOW_US = 1_790_000_000 * 1_000_000
CHUNK = 480_000  # spans of one insert: whole traces
LARGE_EVERY, LARGE_SPANS = 1000, 1000  # of so many traces one has so many spans
FIRST_LARGE = 7_000_000_000  # numbers of large traces begin here
_TRACE_ID = "reinterpretAsUUID(concat(reinterpretAsString(cityHash64(t, 11)), reinterpretAsString(cityHash64(t, 13))))"
_IDS = f"SELECT {_TRACE_ID} FROM (SELECT arrayJoin({{numbers:Array(UInt64)}}) AS t)"

# `t` is the trace, `n` the span in it; 0 is the segment. Children lie below the segment or below the span before a
# multiple of four; they start one after the other.
FILL = """
INSERT INTO spans (keep_days, project_id, is_segment, ts, received, duration_us, self_us, trace_id, span_id,
    parent_span_id, segment_id, transaction_id, op, category, description, normalized, group_hash, action, domain, system,
    status, origin, transaction, environment, release, platform, server_name, sdk_name, sdk_version, user, user_hash,
    http_status, weight, attributes, numbers, batch)
WITH
    {size:UInt32} AS size,
    toUInt64(intDiv(number, size)) + {first:UInt64} AS t, toUInt32(number % size) AS n,
    cityHash64(t, 11) AS h1, cityHash64(t, 12) AS h2, cityHash64(t, n) AS r,
    toUInt32(120 * pow((h1 % 10000) / 10000, 2)) AS route,
    toDateTime64({now_s:Int64} - {days:UInt32} * 86400, 6, 'UTC')
        + toIntervalMicrosecond(toInt64(t * ({days:UInt32} * 86400000000. / {traces:UInt64}))) AS began,
    1000 + h2 % 400000 + (route % 7) * 20000 AS total_us,
    if(n = 0, 0, toUInt64(total_us * (n - 1) / size)) AS offset_us,
    ['http.server', 'db', 'db', 'db', 'cache.get', 'http.client', 'template.render', 'queue.publish'][if(n = 0, 1, 2 + (route + n) % 7)] AS op,
    ['', 'db', 'db', 'db', 'cache', 'http', 'template', 'queue'][if(n = 0, 1, 2 + (route + n) % 7)] AS category,
    concat('GET /', ['orders', 'users', 'cart', 'search', 'billing', 'mail'][1 + route % 6], '/', toString(route), '/{id}') AS name,
    multiIf(n = 0, name, category = 'db', concat('SELECT id, name FROM table_', toString((route + n) % 80), ' WHERE id = %s AND kind = %s'),
        category = 'http', concat('GET https://api-', toString(route % 12), '.example.com/v1/items'),
        category = 'cache', concat('user:', toString(route)), op) AS text,
    ['production', 'production', 'production', 'staging'][1 + h2 % 4] AS env
SELECT 90, 1 + route % 2, n = 0, began + toIntervalMicrosecond(offset_us), began + toIntervalSecond(1),
    if(n = 0, total_us, 200 + r % intDiv(total_us, 8)), if(n = 0, intDiv(total_us, 9), 200 + r % intDiv(total_us, 8)),
    reinterpretAsUUID(concat(reinterpretAsString(h1), reinterpretAsString(cityHash64(t, 13)))),
    cityHash64(t, n, 21), if(n = 0, 0, cityHash64(t, if(n % 4 = 0, n - 1, 0), 21)), cityHash64(t, 0, 21),
    reinterpretAsUUID(concat(reinterpretAsString(h2), reinterpretAsString(cityHash64(t, 14)))),
    op, category, text, if(n = 0, '', text), if(n = 0, 0, cityHash64(text)), if(category = 'db', 'SELECT', ''),
    multiIf(category = 'db', concat('table_', toString((route + n) % 80)), category = 'http', concat('api-', toString(route % 12), '.example.com'), ''),
    if(category = 'db', 'postgresql', ''), if(r % 50 = 0, 'internal_error', 'ok'), 'auto', name, env,
    concat('shop@1.', toString(intDiv(t, 200000))), 'python', concat('web-', toString(h1 % 6)), 'sentry.python', '2.75.0',
    concat('id:', toString(h2 % 50000)), h2 % 50000, if(n = 0, if(r % 50 = 0, 500, 200), 0), 1,
    multiIf(n = 0, map('http.request.method', 'GET', 'url.path', concat('/', toString(h1 % 100000)), 'user.id', toString(h2 % 50000), 'region', ['eu', 'us', 'ap'][1 + h1 % 3]),
        category = 'db', map('db.system', 'postgresql', 'db.name', 'shop', 'region', ['eu', 'us', 'ap'][1 + h1 % 3]),
        map('server.address', concat('api-', toString(route % 12)), 'region', ['eu', 'us', 'ap'][1 + h1 % 3])),
    if(n = 0, map('http.response.status_code', if(r % 50 = 0, 500., 200.)), if(category = 'db', map('db.rows', toFloat64(r % 300)), map())), 'bench'
FROM numbers({rows:UInt64})
"""
TIMES = """
INSERT INTO trace_times (keep_days, trace_id, first, last)
SELECT 90, trace_id, min(ts), max(ts + toIntervalMicrosecond(duration_us)) FROM spans
WHERE toMonday(ts) = {week:Date} GROUP BY trace_id
"""


@contextmanager
def engine(folder: Path) -> Iterator[Telemetry]:
    """The engine of a folder, as the product runs it."""
    socket = Path(tempfile.mkdtemp(prefix="vedette-")) / "engine.sock"
    process = subprocess.Popen([sys.executable, "-c", ENGINE, str(folder), str(socket)])
    telemetry = Telemetry(Address(unix=str(socket), password="bench"))
    try:
        while not telemetry.ping():
            time.sleep(0.1)
        yield telemetry
    finally:
        telemetry.close()
        process.terminate()
        process.wait(60)


def fill(telemetry: Telemetry, spans: int, days: int, progress: Progress) -> None:
    """Small traces, then the large ones among them in time, then when each was."""
    traces = spans // 24
    values = {"days": days, "traces": traces, "now_s": NOW_US // 1_000_000}
    task = progress.add_task("spans", total=traces * 24)
    for first in range(0, traces, CHUNK // 24):
        rows = min(CHUNK // 24, traces - first) * 24
        telemetry.command(FILL, values | {"size": 24, "first": first, "rows": rows}, settings=_SETTINGS)
        progress.advance(task, rows)
    for first in large_numbers(traces):
        place = {"first": first, "size": LARGE_SPANS, "rows": LARGE_SPANS, "traces": traces}
        telemetry.command(_LARGE, values | place, settings=_SETTINGS)
    weeks = telemetry.query_rows("SELECT DISTINCT toString(toMonday(ts)) FROM spans", max_seconds=300)
    for (week,) in weeks:
        telemetry.command(
            TIMES, {"week": week}, settings=_SETTINGS | {"max_bytes_before_external_group_by": "300000000"}
        )


def large_numbers(traces: int) -> list[int]:
    """Numbers of the large traces among so many small ones."""
    many = max(1, min(1000, traces // LARGE_EVERY // 10))
    return [number * (traces // many) + FIRST_LARGE for number in range(many)]


def trace_ids(telemetry: Telemetry, numbers: list[int]) -> list[str]:
    """32 hex digits of each trace."""
    return [str(row[0]) for row in telemetry.query_rows(_IDS, {"numbers": numbers})]


# A large trace lies in time where a small one of the same number would.
_LARGE = FILL.replace("toInt64(t * (", f"toInt64((t - {FIRST_LARGE}) * (")
_SETTINGS = {"max_insert_threads": "1", "max_threads": "2", "insert_deduplicate": "0"}
_DISK = """
SELECT table, sum(rows), sum(bytes_on_disk), count() FROM system.parts
WHERE active AND database = currentDatabase() AND table IN ('spans', 'trace_times') GROUP BY table ORDER BY table
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with engine(options.folder / "engine") as telemetry, Progress() as progress:
        migrate(telemetry, now_us=NOW_US)
        if int(str(telemetry.query_rows("SELECT count() FROM spans").rows[0][0])):
            sys.exit(f"{options.folder} holds spans already: name an empty folder")
        fill(telemetry, options.spans, options.days, progress)
        filled = time.monotonic() - began
        for table, rows, size, parts in telemetry.query_rows(_DISK):
            print(
                f"{table}: {rows} rows, {int(size) / 1e9:.2f} GB, {int(size) / int(rows):.0f} B a row, {parts} parts"
            )
        print(f"filled in {filled:.0f} s, {options.spans / filled:.0f} spans/s")


if __name__ == "__main__":
    main()
