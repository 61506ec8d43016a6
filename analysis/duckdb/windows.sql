-- How long do connects take, and how many fail, from each source to each destination; and was all of it seen?
CREATE VIEW windows AS
SELECT
  window_start, window_start + INTERVAL 5 MINUTE AS window_end, source, destination,
  count(*) AS connects,
  count(*) FILTER (failed) AS failures,
  quantile_cont(latency_us, 0.5) AS p50_us,
  quantile_cont(latency_us, 0.95) AS p95_us,
  quantile_cont(latency_us, 0.99) AS p99_us,
  any_value(hosts) > 0 AND any_value(hosts_not_whole) = 0 AS whole,
  any_value(hosts) AS hosts,
  any_value(hosts_not_whole) AS hosts_not_whole,
  any_value(lost) AS lost
FROM (
  SELECT *, time_bucket(INTERVAL 1 MINUTE, event_time) - to_minutes(back) AS window_start
  FROM connects, range(5) AS r(back)
)
JOIN completeness USING (window_start)
GROUP BY window_start, source, destination;
