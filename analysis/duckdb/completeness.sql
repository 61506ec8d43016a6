-- Which windows of five minutes are whole (docs/flink.md says it in words).
CREATE VIEW spans AS
SELECT begins AS window_start, begins + INTERVAL 5 MINUTE AS window_end
FROM (SELECT DISTINCT time_bucket(INTERVAL 1 MINUTE, event_time) - to_minutes(back) AS begins FROM connects, range(5) AS r(back));

CREATE VIEW completeness AS
WITH seen AS (
  SELECT window_start, window_end, host, epoch, whole_until AS told_at, coalesce(told_before, whole_until) AS told_from, state IN ('ended', 'cut') AS is_over
  FROM spans JOIN accounts
    ON told_at >= window_start - INTERVAL 2 MINUTE AND told_at < window_end + INTERVAL 2 MINUTE
),
runs AS (
  SELECT
    window_start, window_end, host, epoch,
    bool_or(told_at >= window_start AND told_from < window_end) AS is_there,
    max(told_at) < window_end AND NOT bool_or(is_over) AS is_silent
  FROM seen
  GROUP BY window_start, window_end, host, epoch
),
torn AS (
  SELECT window_start, window_end, host, sum(lost) AS lost
  FROM spans JOIN gaps
    ON gap_to >= window_start AND gap_to < window_end + INTERVAL 2 MINUTE AND coalesce(gap_from < window_end, true)
  GROUP BY ALL
)
SELECT
  window_start,
  (SELECT count(DISTINCT host) FROM runs AS r WHERE r.window_start = s.window_start AND is_there) AS hosts,
  (SELECT count(DISTINCT host) FROM (
    SELECT window_start, host FROM runs WHERE is_silent UNION ALL SELECT window_start, host FROM torn
  ) AS bad WHERE bad.window_start = s.window_start) AS hosts_not_whole,
  coalesce((SELECT sum(lost) FROM torn AS t WHERE t.window_start = s.window_start), 0) AS lost
FROM spans AS s;
