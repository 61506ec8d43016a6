-- How long do connects take, and how many fail, from each source to each destination; and was all of it seen?
CREATE VIEW windows AS
SELECT
  window_start, window_start + INTERVAL 5 MINUTE AS window_end, source, destination,
  sum(weight)::BIGINT AS connects,
  coalesce(sum(weight) FILTER (failed), 0)::BIGINT AS failures,
  percentile_of(latency_us, upto, total, 0.5) AS p50_us,
  percentile_of(latency_us, upto, total, 0.95) AS p95_us,
  percentile_of(latency_us, upto, total, 0.99) AS p99_us,
  any_value(hosts) > 0 AND any_value(hosts_not_whole) = 0 AS whole,
  any_value(hosts) AS hosts,
  any_value(hosts_not_whole) AS hosts_not_whole,
  any_value(lost) AS lost
FROM (
  SELECT
    *,
    sum(weight) FILTER (latency_us IS NOT NULL) OVER (slot ORDER BY latency_us) AS upto,
    sum(weight) FILTER (latency_us IS NOT NULL) OVER slot AS total
  FROM (
    SELECT *, time_bucket(INTERVAL 1 MINUTE, event_time) - to_minutes(back) AS window_start
    FROM connects, range(5) AS r(back)
  )
  WINDOW slot AS (PARTITION BY window_start, source, destination)
)
JOIN completeness USING (window_start)
GROUP BY window_start, source, destination;
