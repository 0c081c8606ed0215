-- Statements over what became of received items. See `vedette.projects.outcomes`.

-- name: outcome_series
-- Quantities per slot of time, told apart by what the flags ask for; slots are epoch seconds.
SELECT
    if({by_project:UInt8} = 1, project_id, 0) AS project,
    if({by_category:UInt8} = 1, toString(category), '') AS kind,
    if({by_outcome:UInt8} = 1, outcome, 255) AS became,
    if({by_reason:UInt8} = 1, toString(reason), '') AS why,
    intDiv(toUnixTimestamp(minute), {step_s:UInt32}) * {step_s:UInt32} AS slot,
    sum(quantity) AS total
FROM outcomes
WHERE project_id IN {projects:Array(UInt64)}
    AND minute >= toDateTime({from_s:UInt32}, 'UTC')
    AND minute < toDateTime({to_s:UInt32}, 'UTC')
    AND (length({categories:Array(String)}) = 0 OR category IN {categories:Array(String)})
    AND (length({outcomes:Array(UInt8)}) = 0 OR outcome IN {outcomes:Array(UInt8)})
    AND (length({reasons:Array(String)}) = 0 OR reason IN {reasons:Array(String)})
GROUP BY project, kind, became, why, slot
ORDER BY slot
LIMIT 200000
