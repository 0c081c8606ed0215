"""What storing error events costs: CPU per row in client and engine, time per insert, disk, memory.

    .venv/bin/python bench/telemetry.py --events 10000 --block 1000

Prints one line per number. Rows are made of the bodies in bench/bodies as bench/load.py varies them.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from hashlib import blake2b
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]
import load  # noqa: E402

from vedette.storage.telemetry.client import Telemetry  # noqa: E402
from vedette.storage.telemetry.connection import Address  # noqa: E402
from vedette.storage.telemetry.migrate import migrate  # noqa: E402
from vedette.storage.telemetry.tables import ERRORS, tag_hash  # noqa: E402

ENGINE = """
import sys
from pathlib import Path
from vedette.storage.engine.server import Listen, run_engine
run_engine(Path(sys.argv[1]), Listen(unix=Path(sys.argv[2])), "bench")
"""


def hash64(text):
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def as_row(event, body, at_us, batch):
    """Roughly what errors/store makes of an event: the shape and sizes count, not the rules."""
    exceptions = (event.get("exception") or {}).get("values") or []
    frames = [f for e in exceptions for f in (e.get("stacktrace") or {}).get("frames") or []]
    last = exceptions[-1] if exceptions else {}
    message = (event.get("logentry") or {}).get("message") or event.get("message") or ""
    title = f"{last.get('type')}: {last.get('value')}" if last else message
    app = next((f for f in reversed(frames) if f.get("in_app")), {})
    tags = {"runtime": "CPython 3.12.3", "runtime.name": "CPython", "device": "Mac", "url": "https://shop/x"}
    tags |= {k: str(v) for k, v in dict(event.get("tags") or {}).items()}
    user, trace = event.get("user") or {}, (event.get("contexts") or {}).get("trace") or {}
    culprit = event.get("transaction") or app.get("module", "")
    mechanism = last.get("mechanism") or {}
    calls = [f"{f.get('function')} {f.get('filename')}" for f in frames if f.get("in_app")]
    search = "\n".join(
        [
            title,
            message,
            culprit,
            *dict.fromkeys(calls),
        ]
    ).lower()
    sdk, request = event.get("sdk") or {}, event.get("request") or {}
    return (
        90, 1, hash64(f"{last.get('type')}{message}{app.get('function')}"), at_us, at_us + 300_000,
        event["event_id"], event.get("platform", ""), event.get("level", "error"), "error",
        title, culprit, message, app.get("filename", ""), event.get("logger", ""),
        event.get("transaction", ""), event.get("environment", ""), event.get("release", ""), "",
        event.get("server_name", ""), f"id:{user.get('id')}", str(user.get("id", "")),
        user.get("email", ""), user.get("username", ""), user.get("ip_address", ""),
        hash64(f"id:{user.get('id')}"), "Chrome", "Linux", sdk.get("name", ""), sdk.get("version", ""),
        int(mechanism.get("handled", -1)), trace.get("trace_id", ""), trace.get("span_id", ""), "",
        request.get("method", ""), request.get("url", ""), mechanism.get("type", ""),
        [e.get("type", "") for e in exceptions], [e.get("value", "") for e in exceptions],
        [f.get("filename") or "" for f in frames], [f.get("function") or "" for f in frames],
        [f.get("module") or "" for f in frames], [f.get("abs_path") or "" for f in frames], [],
        [int(bool(f.get("in_app"))) for f in frames], tags,
        [tag_hash(k, v) for k, v in tags.items()], search, body, len(body), batch,
    )  # fmt: skip


def rows_of(events, issues, seed):
    made = load.build("mixed", events, issues, seed, False, 0)
    now = 1_700_000_000_000_000
    rows = []
    for index, (_, raw, _) in enumerate(made):
        body = raw.split(b"\n")[2]
        rows.append(as_row(json.loads(body), body, now + index * 800, f"w1/{index // 5000}"))
    return rows


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_mb(pid):
    return (
        int(
            next(
                x for x in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if x.startswith("Pss:")
            ).split()[1]
        )
        / 1024
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--issues", type=int, default=200)
    parser.add_argument("--block", type=int, default=1000)
    parser.add_argument("--columns", action="store_true", help="print disk bytes per event of each column")
    options = parser.parse_args()
    rows = rows_of(options.events, options.issues, "bench")
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/engine.sock"
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
        began = time.perf_counter()
        engine = subprocess.Popen(
            [sys.executable, "-c", ENGINE, f"{folder}/data", socket],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            measure(engine.pid, Telemetry(Address(unix=socket, password="bench")), rows, options, began)
        finally:
            engine.terminate()
            engine.wait(20)


def measure(pid, telemetry, rows, options, began):
    while not telemetry.ping():
        time.sleep(0.01)
    report("start to first answer, ms", (time.perf_counter() - began) * 1e3)
    time.sleep(2)
    report("idle PSS, MB", pss_mb(pid))
    migrate(telemetry, now_us=0)
    blocks = [rows[i : i + options.block] for i in range(0, len(rows), options.block)]
    client, engine, began = time.process_time(), cpu_s(pid), time.perf_counter()
    for number, block in enumerate(blocks):
        telemetry.insert("errors", ERRORS.columns, block, token=f"t{number}")
    took = time.perf_counter() - began
    report(f"ms per insert of {options.block} rows", took / len(blocks) * 1e3)
    report("client CPU per row, µs", (time.process_time() - client) / len(rows) * 1e6)
    report("engine CPU per row, µs", (cpu_s(pid) - engine) / len(rows) * 1e6)
    report("PSS after inserts, MB", pss_mb(pid))
    telemetry.command("OPTIMIZE TABLE errors FINAL")
    report("engine CPU per row with one merge of all, µs", (cpu_s(pid) - engine) / len(rows) * 1e6)
    parts = telemetry.query_rows(
        "SELECT sum(bytes_on_disk), sum(rows), sum(secondary_indices_compressed_bytes), sum(marks_bytes),"
        " sum(marks) FROM system.parts WHERE active AND table = 'errors'"
    ).rows[0]
    report("rows", parts[1])
    report("mean body, bytes", sum(row[-2] for row in rows) / len(rows))
    report("disk per event, bytes", parts[0] / parts[1])
    report("of it secondary indexes", parts[2] / parts[1])
    report("of it marks", parts[3] / parts[1])
    report("rows per granule", parts[1] / parts[4])
    if options.columns:
        print_columns(telemetry)
    reads(telemetry, rows)


READS = (
    (
        "point read by id and time",
        "SELECT payload FROM errors WHERE project_id = 1 AND event_id = {id:UUID}"
        " AND ts = fromUnixTimestamp64Micro({at:Int64})",
        lambda row: {"id": row[5], "at": row[3]},
    ),
    (
        "latest event of a group",
        "SELECT event_id, ts, payload FROM errors WHERE project_id = 1 AND group_hash = {g:UInt64}"
        " ORDER BY ts DESC LIMIT 1",
        lambda row: {"g": row[2]},
    ),
    (
        "free text",
        "SELECT group_hash, count() FROM errors WHERE project_id = 1 AND search LIKE {t:String}"
        " GROUP BY group_hash",
        lambda row: {"t": f"%{row[9][:12].lower()}%"},
    ),
    (
        "stack.filename",
        "SELECT count() FROM errors WHERE project_id = 1 AND has(stack_filename, {t:String})",
        lambda row: {"t": (row[38] or ["x"])[-1]},
    ),
    (
        "a tag",
        "SELECT count() FROM errors WHERE project_id = 1 AND has(tag_hashes, {t:UInt64})",
        lambda row: {"t": row[45][-1]},
    ),
)


def reads(telemetry, rows):
    rnd = random.Random(1)
    for name, sql, parameters in READS:
        times = []
        for row in rnd.sample(rows, 40):
            began = time.perf_counter()
            answer = telemetry.query_rows(sql, parameters(row))
            times.append((time.perf_counter() - began) * 1e3)
            assert len(answer)
        report(f"read: {name}, ms (median)", sorted(times)[20])


def print_columns(telemetry):
    sql = """
        SELECT name, sum(data_compressed_bytes) / (SELECT count() FROM errors) AS size
        FROM system.columns WHERE table = 'errors' GROUP BY name ORDER BY size DESC LIMIT 30
    """
    for name, size in telemetry.query_rows(sql).rows:
        report(f"  column {name}", size)


def report(name, value):
    print(f"{name:52} {value:12.2f}" if isinstance(value, float) else f"{name:52} {value:12}")


if __name__ == "__main__":
    main()
