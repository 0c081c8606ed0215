"""What the engine may use, and the configuration file chDB is started with.

Its defaults are sized for a server; ours for a machine that also runs everything else.
"""

from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class EngineSettings:
    """Limits of the engine process. Sizes in MiB, times in seconds."""

    memory_mb: int = 800  # all queries, merges and caches together; past it statements fail, not the machine
    query_memory_mb: int = 500  # one read; above half of it GROUP BY and ORDER BY spill to disk
    mark_cache_mb: int = 48
    read_threads: int = 4  # reads running at a time
    insert_threads: int = 2  # a lane of their own: reads never make an insert wait
    query_threads: int = 2  # threads within one read
    merge_threads: int = 2
    queued_reads: int = 64  # waiting reads; one more is answered 503
    max_body_mb: int = 64
    max_result_mb: int = 64
    max_seconds: int = 60  # the longest any read may run
    slow_query_s: float = 1.0
    drain_s: float = 5.0  # how long a SIGTERM waits for inserts


# Power loss: a part is on disk before its insert is acknowledged, and a merged
# part before its sources are deleted.
_FSYNC = {
    "fsync_after_insert": 1,
    "fsync_part_directory": 1,
    "min_rows_to_fsync_after_merge": 1,
    "min_compressed_bytes_to_fsync_after_merge": 1,
}
# A small pool never has the free entries that the defaults ask for before a big merge or a mutation.
_POOL = {
    "number_of_free_entries_in_pool_to_lower_max_size_of_merge": 1,
    "number_of_free_entries_in_pool_to_execute_mutation": 1,
    "number_of_free_entries_in_pool_to_execute_optimize_entire_partition": 1,
    # Of rows of 17 kB: 4 MiB were 240, and what a block costs for each of 50 columns a tenth of the merge.
    "merge_max_block_size_bytes": 8 * MEBIBYTE,
    "max_bytes_to_merge_at_max_space_in_pool": 20 << 30,
    # Sixteen parts to a merge instead of five: of 60 inserts each row was merged once, not 2.5 times (decision 6). A
    # merge costs a row nearly as much as its insert.
    "merge_selector_base": 16,
}


def write_config(folder: Path, settings: EngineSettings) -> Path:
    """Write chDB's configuration below `folder`; returns its path."""
    path = folder / "engine.xml"
    path.write_text(_xml(folder, settings))
    return path


def _xml(folder: Path, settings: EngineSettings) -> str:
    server: dict[str, object] = {
        "max_server_memory_usage": settings.memory_mb * MEBIBYTE,
        # Free pages that are kept for the next insert, as a share of the limit; beyond it all of them go at once.
        "memory_worker_purge_dirty_pages_threshold_ratio": 0.4,
        "mark_cache_size": settings.mark_cache_mb * MEBIBYTE,
        "index_mark_cache_size": 8 * MEBIBYTE,
        "uncompressed_cache_size": 0,
        "index_uncompressed_cache_size": 0,
        "primary_index_cache_size": 32 * MEBIBYTE,
        "mmap_cache_size": 100,
        "compiled_expression_cache_size": 4 * MEBIBYTE,
        "query_condition_cache_size": 4 * MEBIBYTE,
        "max_thread_pool_size": 200,
        "max_thread_pool_free_size": 8,
        "max_io_thread_pool_size": 4,
        "max_io_thread_pool_free_size": 0,
        "max_active_parts_loading_thread_pool_size": 4,
        "max_outdated_parts_loading_thread_pool_size": 2,
        "background_pool_size": settings.merge_threads,
        "background_merges_mutations_concurrency_ratio": 2,
        "background_move_pool_size": 1,
        "background_fetches_pool_size": 1,
        "background_common_pool_size": 2,
        "background_schedule_pool_size": 2,
        "background_schedule_pool_initial_size": 2,
        "tables_loader_foreground_pool_size": 2,
        "tables_loader_background_pool_size": 2,
        "timezone": "UTC",
        "tmp_path": folder / "spill",
        "backups": _elements(
            {"allowed_path": "/"}
        ),  # the caller of BACKUP knows the secret and chooses the folder
        "merge_tree": _elements({**_FSYNC, **_POOL}),
    }
    return f"<clickhouse>{_elements(server)}</clickhouse>\n"


def _elements(values: dict[str, object]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def read_limits(settings: EngineSettings) -> dict[str, int]:
    """The settings of every read; a request may lower a limit, never raise it."""
    spill = settings.query_memory_mb * MEBIBYTE // 2
    return {
        "max_execution_time": settings.max_seconds,
        "max_memory_usage": settings.query_memory_mb * MEBIBYTE,
        "max_result_bytes": settings.max_result_mb * MEBIBYTE,
        "max_bytes_before_external_group_by": spill,
        "max_bytes_before_external_sort": spill,
        "max_threads": settings.query_threads,
        # It would have each thread find a GiB free, and with our limit of memory run every read on one.
        "max_threads_min_free_memory_per_thread": 0,
    }
