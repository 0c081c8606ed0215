-- The first tables: error events, their hourly counts, and what became of every received item.
--
-- errors: measured with bench/telemetry.py. One index granule is 2 MiB (at 1 MiB an insert costs half as much
-- CPU again, at 4 MiB a point read twice as much). An insert's part is compact, one file to sync instead of 120;
-- merges make wide ones. Short columns stay on LZ4: with 100 rows a granule, ZSTD's fixed cost per
-- block outweighs what it saves. Payloads are on ZSTD(1): ZSTD(3) saves 5 % of disk and costs the engine a fifth more.

CREATE TABLE IF NOT EXISTS errors
(
    keep_days UInt16,
    project_id UInt64,
    group_hash UInt64,
    ts DateTime64(6, 'UTC') CODEC(Delta(8), LZ4),
    received DateTime64(6, 'UTC') CODEC(Delta(8), LZ4),
    event_id UUID CODEC(NONE),
    platform LowCardinality(String),
    level LowCardinality(String),
    type LowCardinality(String),
    title String CODEC(ZSTD(1)),
    culprit String,
    message String CODEC(ZSTD(1)),
    location String,
    logger LowCardinality(String),
    transaction String,
    environment LowCardinality(String),
    release LowCardinality(String),
    dist LowCardinality(String),
    server_name LowCardinality(String),
    user String,
    user_id String,
    user_email String,
    user_username String,
    user_ip String,
    user_hash UInt64,
    browser_name LowCardinality(String),
    os_name LowCardinality(String),
    sdk_name LowCardinality(String),
    sdk_version LowCardinality(String),
    handled Int8,
    trace_id UUID,
    span_id String,
    replay_id UUID,
    http_method LowCardinality(String),
    http_url String,
    mechanism LowCardinality(String),
    exception_types Array(String),
    exception_values Array(String) CODEC(ZSTD(1)),
    stack_filename Array(LowCardinality(String)),
    stack_function Array(LowCardinality(String)),
    stack_module Array(LowCardinality(String)),
    stack_abs_path Array(LowCardinality(String)),
    stack_package Array(LowCardinality(String)),
    stack_in_app Array(UInt8),
    tags Map(String, String) CODEC(ZSTD(1)),
    tag_hashes Array(UInt64),
    search String CODEC(ZSTD(1)),
    payload String CODEC(ZSTD(1)),
    size UInt32,
    batch LowCardinality(String),
    INDEX by_event_id event_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_tag tag_hashes TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_user user_hash TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_email user_email TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_filename stack_filename TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_text search TYPE ngrambf_v1(4, 2048, 2, 0) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (keep_days, toMonday(ts))
ORDER BY (project_id, group_hash, ts)
SETTINGS
    index_granularity_bytes = 2097152,
    min_bytes_for_wide_part = 134217728,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS issue_hours
(
    keep_days UInt16,
    project_id UInt64,
    group_hash UInt64,
    environment LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta(4), LZ4),
    count SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    users AggregateFunction(uniq, UInt64) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY (keep_days, toMonday(hour))
ORDER BY (project_id, group_hash, environment, hour)
SETTINGS
    index_granularity = 1024,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS outcomes
(
    project_id UInt64,
    key_id UInt64,
    category LowCardinality(String),
    outcome UInt8,
    reason LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta(4), LZ4),
    quantity UInt64 CODEC(ZSTD(1))
)
ENGINE = SummingMergeTree(quantity)
PARTITION BY toMonday(minute)
ORDER BY (project_id, minute, category, outcome, reason, key_id)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;
