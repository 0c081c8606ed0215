-- Reads of traces. `$where` is made by query.py of parameters; `$columns` is our own list.

-- name: trace_times
-- From when to when a trace lasted: a row of each part that has it. To plan their aggregation took the engine as long as
-- to find them; whatever reads a trace waits for this.
SELECT toUnixTimestamp64Micro(first) AS first_us, toUnixTimestamp64Micro(last) AS last_us
FROM trace_times
PREWHERE trace_id = {trace_id:UUID}

-- name: trace_all_spans
-- The spans of a trace, in no order: for a trace that is read whole. Sorting so many columns cost more than reading them.
-- PREWHERE reads the other columns of its own rows only: a fifth less, where not all of it goes there by itself.
SELECT $columns
FROM spans
PREWHERE $where
LIMIT {limit:UInt32}

-- name: trace_spans
-- The spans of a trace that tell most: segments, failures, then the longest.
SELECT $columns
FROM spans
PREWHERE $where
ORDER BY is_segment DESC, status NOT IN ('ok', 'cancelled', 'unknown', '') DESC, duration_us DESC, span_id
LIMIT {limit:UInt32}

-- name: trace_span
-- One span with everything it has.
SELECT $columns
FROM spans
WHERE $where AND span_id = {span_id:UInt64}
ORDER BY transaction_id DESC
LIMIT 1

-- name: trace_ops
-- How many spans of each operation a trace has.
SELECT op, count() AS spans
FROM spans
WHERE $where
GROUP BY op
ORDER BY spans DESC, op

-- name: trace_transactions
-- The transactions of a trace, and how many spans each has.
SELECT transaction_id, count() AS spans
FROM spans
WHERE $where AND transaction_id != toUUIDOrZero('')
GROUP BY transaction_id
ORDER BY spans DESC, transaction_id
LIMIT 1000

-- name: transaction
-- The segment that came as this transaction.
SELECT $columns
FROM spans
WHERE $where AND is_segment = 1 AND transaction_id = {event_id:UUID}
LIMIT 1

-- name: transaction_spans
-- The spans that came in one transaction.
SELECT $columns
FROM spans
WHERE $where AND is_segment = 0 AND transaction_id = {event_id:UUID}
ORDER BY ts, span_id
LIMIT {limit:UInt32}

-- name: trace_attributes
-- The attributes of a trace's spans, with their commonest values.
SELECT key, spans, values
FROM
(
    SELECT key, sum(n) AS spans, arraySlice(arraySort(x -> -x.2, groupArray((value, n))), 1, 5) AS values
    FROM
    (
        SELECT pair.1 AS key, pair.2 AS value, count() AS n
        FROM
        (
            SELECT arrayJoin(arrayConcat(
                arrayZip(CAST(mapKeys(attributes), 'Array(String)'), mapValues(attributes)),
                arrayZip(CAST(mapKeys(numbers), 'Array(String)'), arrayMap(x -> toString(x), mapValues(numbers)))
            )) AS pair
            FROM (SELECT attributes, numbers FROM spans WHERE $where LIMIT 20000)
        )
        GROUP BY key, value
        ORDER BY n DESC, value
        LIMIT 50 BY key
    )
    GROUP BY key
)
ORDER BY spans DESC, key
LIMIT 500

-- name: op_duration
-- What spans of one operation usually take, to compare one with.
SELECT count() AS spans, avg(duration_us) AS mean, quantile(0.5)(duration_us) AS median, quantile(0.95)(duration_us) AS p95
FROM
(
    SELECT duration_us FROM spans WHERE $where AND op = {op:String} AND description = {description:String}
    ORDER BY is_segment DESC, ts DESC LIMIT 10000
)
