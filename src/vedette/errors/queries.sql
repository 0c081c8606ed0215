-- Reads of error events. `$…` are put in by query.py, issue_stats.py and issue_search.py:
-- `$where` is an expression made of parameters, `$columns` and `$key` are our own column lists.

-- name: events
-- Events of a list, newest first.
SELECT $columns
FROM errors
WHERE $where
ORDER BY ts DESC, event_id DESC
LIMIT {limit:UInt32}

-- name: events_oldest
-- Events of a list, oldest first.
SELECT $columns
FROM errors
WHERE $where
ORDER BY ts, event_id
LIMIT {limit:UInt32}

-- name: events_sample
-- Events of a list in an order that is the same each time but has nothing to do with time.
SELECT $columns
FROM errors
WHERE $where
ORDER BY sipHash64(event_id), event_id
LIMIT {limit:UInt32} OFFSET {offset:UInt32}

-- name: recommended
-- Of the newest events the one that tells most: with a replay, a trace, a request, a user.
SELECT $columns
FROM
(
    SELECT ts, event_id, (replay_id != toUUIDOrZero('')) * 8 + (trace_id != toUUIDOrZero('')) * 4
        + (http_url != '') * 2 + (user != '') AS worth
    FROM errors
    WHERE $where
    ORDER BY ts DESC, event_id DESC
    LIMIT 100
)
ORDER BY worth DESC, ts DESC, event_id DESC
LIMIT 1

-- name: payloads
-- The events' own JSON.
SELECT event_id, payload
FROM errors
WHERE $where

-- name: event_count
-- How many events match, up to a limit.
SELECT count()
FROM (SELECT 1 FROM errors WHERE $where LIMIT {limit:UInt32})

-- name: tag_keys
-- The keys of the tags of the newest events, with the number of events and of different values.
SELECT pair.1 AS key, count() AS events, uniq(pair.2) AS value_count
FROM (SELECT arrayJoin($pairs) AS pair FROM (SELECT $tag_columns FROM errors WHERE $where ORDER BY ts DESC LIMIT {newest:UInt32}))
GROUP BY key
ORDER BY events DESC, key

-- name: top_tags
-- The commonest values of each tag among the newest events, with what each key has in all.
SELECT key, value, events, first_seen, last_seen, total, value_count
FROM
(
    SELECT pair.1 AS key, pair.2 AS value, count() AS events, min(ts) AS first_seen, max(ts) AS last_seen,
        sum(events) OVER (PARTITION BY key) AS total, count() OVER (PARTITION BY key) AS value_count
    FROM (SELECT ts, arrayJoin($pairs) AS pair FROM (SELECT ts, $tag_columns FROM errors WHERE $where ORDER BY ts DESC LIMIT {newest:UInt32}))
    GROUP BY key, value
)
ORDER BY total DESC, key, events DESC, value
LIMIT {limit:UInt32} BY key

-- name: tag_values
-- The values of one tag, the commonest first, with what the tag has in all.
SELECT value, events, first_seen, last_seen, sum(events) OVER () AS total, count() OVER () AS value_count
FROM
(
    SELECT value, count() AS events, min(ts) AS first_seen, max(ts) AS last_seen
    FROM (SELECT ts, $key AS value FROM errors WHERE $where ORDER BY ts DESC LIMIT {newest:UInt32})
    WHERE value != ''
    GROUP BY value
)
ORDER BY $order
LIMIT {limit:UInt32} OFFSET {offset:UInt32}

-- name: tag_value_names
-- Values of one tag that begin so or hold it somewhere, for completion.
SELECT value, count() AS events, min(ts) AS first_seen, max(ts) AS last_seen
FROM (SELECT ts, $key AS value FROM errors WHERE $where)
WHERE value != ''
GROUP BY value
ORDER BY events DESC, value
LIMIT {limit:UInt32}

-- name: users
-- The users that met the error, those with most events first.
SELECT any(user) AS user, argMax(user_id, ts) AS id, argMax(user_email, ts) AS email,
    argMax(user_username, ts) AS username, argMax(user_ip, ts) AS ip, count() AS events,
    min(ts) AS first_seen, max(ts) AS last_seen
FROM errors
WHERE ($where) AND user_hash != 0
GROUP BY user_hash
ORDER BY events DESC, last_seen DESC, user_hash
LIMIT {limit:UInt32} OFFSET {offset:UInt32}

-- name: totals
-- Number of events and users, first and last time.
SELECT count() AS events, uniqIf(user_hash, user_hash != 0) AS users, min(ts) AS first_seen, max(ts) AS last_seen
FROM errors
WHERE $where

-- name: histogram
-- Events per step of time and value of a column; steps count from the start of the time asked for.
SELECT toUInt32(intDiv(toUnixTimestamp64Micro(ts) - {from_us:Int64}, {step_us:Int64})) AS step, $key AS value, count() AS events
FROM errors
WHERE $where
GROUP BY step, value
ORDER BY step, events DESC, value

-- name: issue_series
-- Events per issue and step of time, from the hourly counts.
SELECT $issue AS issue, toUInt32(intDiv(toUnixTimestamp(hour) - {from_s:Int64}, {step_s:Int64})) AS step, sum(count) AS events
FROM issue_hours
WHERE $where
GROUP BY issue, step

-- name: issue_numbers
-- Events or users per issue, from the hourly counts.
SELECT $issue AS issue, $number AS number
FROM issue_hours
WHERE $where
GROUP BY issue

-- name: issue_summaries
-- Events and users per issue, ever and in a window, and events per step of time: all that a list shows, in one reading.
SELECT $issue AS issue, sum(count) AS ever_events, uniqMerge(users) AS ever_users, $window_events AS window_events,
    $window_users AS window_users, [$series] AS series
FROM issue_hours
WHERE $where
GROUP BY issue

-- name: issue_event_counts
-- Events, users, first and last time per issue among the events that match.
SELECT $issue AS issue, count() AS events, uniqIf(user_hash, user_hash != 0) AS users, min(ts) AS first_seen, max(ts) AS last_seen
FROM errors
WHERE $where
GROUP BY issue

-- name: group_last
-- When each group last had an event that matches, by which alternatives of the query it does.
SELECT project_id, group_hash, $mask AS mask, max(ts) AS last_seen
FROM errors
WHERE $where
GROUP BY project_id, group_hash, mask

-- name: group_totals
-- Number of events or users per group, by which alternatives of the query they match, and of events since a time.
SELECT project_id, group_hash, $mask AS mask, $number AS number, $recent AS recent
FROM errors
WHERE $where
GROUP BY project_id, group_hash, mask

-- name: hour_totals
-- Number of events or users per group from the hourly counts, and of events since a time.
SELECT project_id, group_hash, 1 AS mask, $number AS number, $recent AS recent
FROM issue_hours
WHERE $where
GROUP BY project_id, group_hash

-- name: trace_errors
-- Errors of a trace, by time.
SELECT project_id, group_hash, ts, event_id, span_id, type, level, title, culprit, message, transaction, platform
FROM errors
WHERE project_id IN {projects:Array(UInt64)} AND trace_id = {trace_id:UUID}
ORDER BY ts, event_id
LIMIT {limit:UInt32}
