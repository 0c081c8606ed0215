-- Reads of metrics. `$where` is an expression made of parameters.

-- name: names
-- The metrics of a time: name, type and unit, with how many values there are and when.
SELECT name, type, unit, count() AS values_seen, min(ts), max(ts)
FROM metrics
WHERE $where
GROUP BY name, type, unit
ORDER BY name, type, unit
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
