-- regressions.sql - the functions whose own value grew most from one release to the next, in means over the profiles
-- of each: what `profdiff` shows, rounded as there. For values that add up (time, calls, allocations).
-- The view `samples` is the table; the variables service, metric, base, new and top say what to ask. With normalize
-- 'share', not 'none', each function's share of its profile in billionths, so that hosts may be busy or idle.

-- A quotient to the nearest integer, halves to the even one; // and % go towards zero.
CREATE OR REPLACE TEMP MACRO nearest(a, n) AS
    a // n + CASE WHEN 2 * abs(a % n) > n OR (2 * abs(a % n) = n AND a // n % 2 <> 0) THEN sign(a) ELSE 0 END;

WITH side AS (
    SELECT *, release = getvariable('new') AS is_new,
        CASE getvariable('normalize')
            WHEN 'none' THEN self::HUGEINT
            WHEN 'share' THEN nearest(1000000000 * self::HUGEINT, total::HUGEINT)
            ELSE error('normalize is none or share')
        END AS value
    FROM samples
    WHERE service = getvariable('service') AND metric = getvariable('metric')
        AND release IN (getvariable('base'), getvariable('new'))
), runs AS (
    SELECT greatest(count(DISTINCT (profile, host, ts)) FILTER (NOT is_new), 1) AS base,
        greatest(count(DISTINCT (profile, host, ts)) FILTER (is_new), 1) AS new
    FROM side
), sums AS (
    SELECT function, arg_max(file, (is_new, ts)) AS file, arg_max(line, (is_new, ts)) AS line,
        count(*) FILTER (NOT is_new) AS in_base, count(*) FILTER (is_new) AS in_new,
        coalesce(sum(value) FILTER (NOT is_new), 0) AS base, coalesce(sum(value) FILTER (is_new), 0) AS new
    FROM side
    GROUP BY function
), means AS (
    SELECT function, file, line,
        CASE WHEN in_base = 0 THEN 'new' WHEN in_new = 0 THEN 'gone' ELSE 'both' END AS status,
        nearest(sums.base, runs.base) AS base, nearest(sums.new, runs.new) AS new
    FROM sums, runs
)
SELECT function, file, line, status, base::BIGINT AS base, new::BIGINT AS new, (new - base)::BIGINT AS delta,
    CASE WHEN base <> 0 THEN 100 * (new - base)::DOUBLE / base END AS delta_pct
FROM means
WHERE new > base
ORDER BY delta DESC, function
LIMIT getvariable('top');
