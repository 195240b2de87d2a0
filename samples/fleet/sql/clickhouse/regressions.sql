-- regressions.sql - the functions whose own value grew most from one release to the next, in means over the profiles
-- of each: what `profdiff` shows, rounded as there. For values that add up (time, calls, allocations).
-- Asks of service 'web' for metric 'cpu' in releases 'r1' and 'r2': sed "s/'r1'/'1.4'/g" and the like ask for others.
-- The sum over all profiles of a release must fit 64 bits.
SELECT function, file, line, status, base, new, delta, delta_pct
FROM (
    SELECT function, file, line, if(in_base = 0, 'new', 'both') AS status,
        -- To the nearest integer, halves to the even one: quotients rounded down (below zero, too), and what is left.
        (base_sum % base_runs + base_runs) % base_runs AS base_rest, (new_sum % new_runs + new_runs) % new_runs AS new_rest,
        intDiv(base_sum - base_rest, base_runs) AS base_down, intDiv(new_sum - new_rest, new_runs) AS new_down,
        base_down + (2 * base_rest > base_runs OR (2 * base_rest = base_runs AND base_down % 2 != 0)) AS base,
        new_down + (2 * new_rest > new_runs OR (2 * new_rest = new_runs AND new_down % 2 != 0)) AS new,
        new - base AS delta, if(base = 0, NULL, 100 * delta / base) AS delta_pct
    FROM (
        -- At a level of their own, as a subquery behind a name is run for each use of that.
        SELECT *,
            (SELECT toInt64(greatest(uniqExact(profile, host, ts), 1)) FROM samples
                WHERE service = 'web' AND metric = 'cpu' AND release = 'r1') AS base_runs,
            (SELECT toInt64(greatest(uniqExact(profile, host, ts), 1)) FROM samples
                WHERE service = 'web' AND metric = 'cpu' AND release = 'r2') AS new_runs
        FROM (
            -- Each server sums up what it has.
            SELECT function, argMax(file, ts + (release = 'r2') * 1000000000000) AS file,
                argMax(line, ts + (release = 'r2') * 1000000000000) AS line, countIf(release = 'r1') AS in_base,
                sumIf(self, release = 'r1') AS base_sum, sumIf(self, release = 'r2') AS new_sum
            FROM samples
            WHERE service = 'web' AND metric = 'cpu' AND release IN ('r1', 'r2')
            GROUP BY function
        )
    )
)
WHERE new > base
ORDER BY delta DESC, function
LIMIT 20
FORMAT JSONEachRow
