-- Reads of logs. `$…` are put in by query.py and tail.py: `$where` is an expression made of parameters.

-- name: newest
-- Logs of a list, newest first.
SELECT $columns
FROM logs
WHERE $where
ORDER BY ts DESC, sequence DESC, item_id DESC
LIMIT {limit:UInt32}

-- name: oldest
-- Logs of a list, oldest first.
SELECT $columns
FROM logs
WHERE $where
ORDER BY ts, sequence, item_id
LIMIT {limit:UInt32}

-- name: trace_times
-- When a trace was.
SELECT toUnixTimestamp64Micro(toDateTime64(min(first), 6, 'UTC')), toUnixTimestamp64Micro(toDateTime64(max(last), 6, 'UTC'))
FROM trace_times
WHERE trace_id = {trace:UUID}

-- name: patterns
-- Patterns of the newest logs, the most frequent first, with their counts by level and by slice of time.
SELECT
    pattern_hash,
    sum(lines) AS total,
    min(oldest) AS first_ts,
    max(newest) AS last_ts,
    argMax(example, newest) AS last_body,
    argMax(template, newest) AS last_template,
    sumMap(map(level, lines)) AS levels,
    sumMap(map(slice, lines)) AS slices,
    sum(sum(lines)) OVER () AS looked_at
FROM
(
    SELECT
        pattern_hash,
        level,
        toUInt32(intDiv(toUnixTimestamp64Micro(ts) - {from_us:Int64}, {slice_us:Int64})) AS slice,
        count() AS lines,
        min(ts) AS oldest,
        max(ts) AS newest,
        argMax(substring(body, 1, {body_bytes:UInt32}), ts) AS example,
        argMax(template, ts) AS template
    FROM (SELECT pattern_hash, level, ts, body, template FROM logs WHERE $where ORDER BY ts DESC LIMIT {newest:UInt32})
    GROUP BY pattern_hash, level, slice
)
GROUP BY pattern_hash
ORDER BY total DESC, pattern_hash
LIMIT {limit:UInt32}

-- name: tail_batches
-- What has come lately: batches with their numbers of lines.
SELECT batch, count()
FROM logs
WHERE $where
GROUP BY batch

-- name: tail
-- Lines of some batches, the newest, without those that were told already.
SELECT $columns
FROM logs
WHERE $where AND batch IN {batches:Array(String)} AND item_id NOT IN {told:Array(UUID)}
ORDER BY ts DESC, sequence DESC, item_id DESC
LIMIT {limit:UInt32}
