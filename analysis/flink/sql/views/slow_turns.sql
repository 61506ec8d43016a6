-- Where a destination becomes slow, and where it is well again: minutes in which it differs from the one before. Minutes with too
-- few connects to tell are passed over: they open nothing and resolve nothing. What was longer ago than is remembered is forgotten;
-- views/slow_silent.sql says so by then.
CREATE TEMPORARY VIEW slow_turns AS
SELECT *, LAST_VALUE(CASE WHEN is_slow AND NOT was_slow THEN window_start END) OVER (PARTITION BY destination ORDER BY window_time) AS since,
  LAST_VALUE(CASE WHEN is_slow THEN window_end END) OVER (PARTITION BY destination ORDER BY window_time) AS slow_until
FROM (
  SELECT
    *,
    COALESCE(p95_us > {{over_us}}, FALSE) AS is_slow,
    COALESCE(LAG(COALESCE(p95_us > {{over_us}}, FALSE)) OVER (PARTITION BY destination ORDER BY window_time), FALSE)
      AND window_start <= LAG(window_start) OVER (PARTITION BY destination ORDER BY window_time) + INTERVAL '{{silent_after}}' DAY TO SECOND
      AS was_slow
  FROM slow
);
