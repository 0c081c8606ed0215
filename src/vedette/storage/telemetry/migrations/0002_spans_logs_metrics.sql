-- Spans (a transaction is its segment), logs and metrics, and when each trace was.
--
-- spans: segments of a project lie together and in order of time, so that what asks for transactions reads a
-- twentieth of the table; the spans of a trace are neighbours, found by the times in `trace_times`.
-- Attributes are two maps; the bloom index over a map's values serves `attributes['key'] = 'value'`.

CREATE TABLE IF NOT EXISTS spans
(
    keep_days UInt16,
    project_id UInt64,
    is_segment UInt8,
    ts DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    received DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    duration_us UInt64 CODEC(T64, ZSTD(1)),
    self_us UInt64 CODEC(T64, ZSTD(1)),
    trace_id UUID CODEC(ZSTD(1)),
    span_id UInt64 CODEC(NONE),
    parent_span_id UInt64 CODEC(ZSTD(1)),
    segment_id UInt64 CODEC(ZSTD(1)),
    transaction_id UUID CODEC(ZSTD(1)),
    op LowCardinality(String),
    category LowCardinality(String),
    description String CODEC(ZSTD(1)),
    normalized LowCardinality(String),
    group_hash UInt64 CODEC(ZSTD(1)),
    action LowCardinality(String),
    domain LowCardinality(String),
    system LowCardinality(String),
    status LowCardinality(String),
    origin LowCardinality(String),
    transaction LowCardinality(String),
    environment LowCardinality(String),
    release LowCardinality(String),
    dist LowCardinality(String),
    platform LowCardinality(String),
    server_name LowCardinality(String),
    sdk_name LowCardinality(String),
    sdk_version LowCardinality(String),
    user String CODEC(ZSTD(1)),
    user_hash UInt64 CODEC(ZSTD(1)),
    http_status UInt16,
    model LowCardinality(String),
    profile_id UUID CODEC(ZSTD(1)),
    replay_id UUID CODEC(ZSTD(1)),
    weight Float32 CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    numbers Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    links String CODEC(ZSTD(1)),
    payload String CODEC(ZSTD(3)),
    batch LowCardinality(String),
    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_transaction_id transaction_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_group group_hash TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_attribute mapValues(attributes) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (keep_days, toMonday(ts))
ORDER BY (project_id, is_segment, ts)
SETTINGS
    min_bytes_for_wide_part = 134217728,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS trace_times
(
    keep_days UInt16,
    trace_id UUID CODEC(NONE),
    first SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    last SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY (keep_days, toMonday(first))
ORDER BY trace_id
SETTINGS
    index_granularity = 1024,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS logs
(
    keep_days UInt16,
    project_id UInt64,
    ts DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    received DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    sequence UInt32 CODEC(ZSTD(1)),
    item_id UUID CODEC(ZSTD(1)),
    trace_id UUID CODEC(ZSTD(1)),
    span_id UInt64 CODEC(ZSTD(1)),
    level LowCardinality(String),
    severity UInt8,
    body String CODEC(ZSTD(1)),
    template String CODEC(ZSTD(1)),
    pattern_hash UInt64 CODEC(ZSTD(1)),
    environment LowCardinality(String),
    release LowCardinality(String),
    server_name LowCardinality(String),
    sdk_name LowCardinality(String),
    sdk_version LowCardinality(String),
    origin LowCardinality(String),
    user String CODEC(ZSTD(1)),
    user_hash UInt64 CODEC(ZSTD(1)),
    replay_id UUID CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    numbers Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    batch LowCardinality(String),
    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_item_id item_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_attribute mapValues(attributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_text lower(body) TYPE ngrambf_v1(4, 8192, 2, 0) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (keep_days, toMonday(ts))
ORDER BY (project_id, ts, sequence)
SETTINGS
    min_bytes_for_wide_part = 134217728,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS metrics
(
    keep_days UInt16,
    project_id UInt64,
    name LowCardinality(String),
    type LowCardinality(String),
    unit LowCardinality(String),
    ts DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    received DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    item_id UUID CODEC(ZSTD(1)),
    value Float64 CODEC(ZSTD(1)),
    trace_id UUID CODEC(ZSTD(1)),
    span_id UInt64 CODEC(ZSTD(1)),
    environment LowCardinality(String),
    release LowCardinality(String),
    server_name LowCardinality(String),
    sdk_name LowCardinality(String),
    sdk_version LowCardinality(String),
    user String CODEC(ZSTD(1)),
    user_hash UInt64 CODEC(ZSTD(1)),
    replay_id UUID CODEC(ZSTD(1)),
    weight Float32 CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    numbers Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    batch LowCardinality(String),
    INDEX by_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_attribute mapValues(attributes) TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (keep_days, toMonday(ts))
ORDER BY (project_id, name, ts)
SETTINGS
    min_bytes_for_wide_part = 134217728,
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;
