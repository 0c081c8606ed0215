-- The first tables: error events, their hourly counts, and what became of every received item.

CREATE TABLE IF NOT EXISTS errors
(
    keep_days UInt16 CODEC(ZSTD(1)),
    project_id UInt64 CODEC(ZSTD(1)),
    group_hash UInt64 CODEC(ZSTD(1)),
    ts DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    received DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID CODEC(NONE),
    batch LowCardinality(String) CODEC(ZSTD(1)),
    platform LowCardinality(String) CODEC(ZSTD(1)),
    level LowCardinality(String) CODEC(ZSTD(1)),
    type LowCardinality(String) CODEC(ZSTD(1)),
    title String CODEC(ZSTD(1)),
    culprit String CODEC(ZSTD(1)),
    message String CODEC(ZSTD(1)),
    location String CODEC(ZSTD(1)),
    logger LowCardinality(String) CODEC(ZSTD(1)),
    transaction String CODEC(ZSTD(1)),
    environment LowCardinality(String) CODEC(ZSTD(1)),
    release LowCardinality(String) CODEC(ZSTD(1)),
    dist LowCardinality(String) CODEC(ZSTD(1)),
    server_name LowCardinality(String) CODEC(ZSTD(1)),
    user String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    user_email String CODEC(ZSTD(1)),
    user_username String CODEC(ZSTD(1)),
    user_ip String CODEC(ZSTD(1)),
    user_hash UInt64 CODEC(ZSTD(1)),
    browser_name LowCardinality(String) CODEC(ZSTD(1)),
    os_name LowCardinality(String) CODEC(ZSTD(1)),
    sdk_name LowCardinality(String) CODEC(ZSTD(1)),
    sdk_version LowCardinality(String) CODEC(ZSTD(1)),
    handled Int8 CODEC(ZSTD(1)),
    trace_id UUID CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    replay_id UUID CODEC(ZSTD(1)),
    http_method LowCardinality(String) CODEC(ZSTD(1)),
    http_url String CODEC(ZSTD(1)),
    mechanism LowCardinality(String) CODEC(ZSTD(1)),
    exception_types Array(String) CODEC(ZSTD(1)),
    exception_values Array(String) CODEC(ZSTD(1)),
    stack_filename Array(LowCardinality(String)) CODEC(ZSTD(1)),
    stack_function Array(LowCardinality(String)) CODEC(ZSTD(1)),
    stack_module Array(LowCardinality(String)) CODEC(ZSTD(1)),
    stack_abs_path Array(LowCardinality(String)) CODEC(ZSTD(1)),
    stack_package Array(LowCardinality(String)) CODEC(ZSTD(1)),
    stack_in_app Array(UInt8) CODEC(ZSTD(1)),
    tags Map(String, String) CODEC(ZSTD(1)),
    tag_hashes Array(UInt64) CODEC(ZSTD(1)),
    search String CODEC(ZSTD(1)),
    payload String CODEC(ZSTD(3)),
    size UInt32 CODEC(ZSTD(1)),
    INDEX by_event_id event_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_tag tag_hashes TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (keep_days, toMonday(ts))
ORDER BY (project_id, group_hash, ts)
SETTINGS
    index_granularity_bytes = 1048576,
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
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    count SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    users AggregateFunction(uniq, UInt64) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY (keep_days, toMonday(hour))
ORDER BY (project_id, group_hash, environment, hour)
SETTINGS
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
    minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
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
