-- Which destinations became slow, and which are well again: minutes in which the 95th percentile is above 100 ms, and was not in
-- the minute before, or the other way round. Minutes with fewer than 20 connects are passed over.
CREATE VIEW slow_destinations AS
WITH minutes AS (
  SELECT
    begins,
    destination,
    sum(weight)::BIGINT AS connects,
    coalesce(sum(weight) FILTER (latency_us > 100000), 0)::BIGINT AS bad,
    percentile_of(latency_us, upto, total, 0.95) AS observed,
    coalesce(percentile_of(latency_us, upto, total, 0.95) > 100000, false) AS is_slow
  FROM (
    SELECT
      *,
      sum(weight) FILTER (latency_us IS NOT NULL) OVER (slot ORDER BY latency_us) AS upto,
      sum(weight) FILTER (latency_us IS NOT NULL) OVER slot AS total
    FROM (SELECT *, time_bucket(INTERVAL 1 MINUTE, event_time) AS begins FROM connects)
    WINDOW slot AS (PARTITION BY begins, destination)
  )
  GROUP BY begins, destination
  HAVING sum(weight) >= 20
),
turns AS (
  SELECT *, coalesce(lag(is_slow) OVER turn, false) AS was_slow, lag(begins) OVER turn AS begun_before
  FROM minutes
  WINDOW turn AS (PARTITION BY destination ORDER BY begins)
)
SELECT
  CASE WHEN is_slow THEN 'open' ELSE 'resolved' END AS state,
  destination,
  (SELECT max(o.begins) FROM turns AS o WHERE o.destination = t.destination AND o.begins <= t.begins AND o.is_slow AND NOT o.was_slow) AS since,
  CASE WHEN is_slow THEN begins ELSE begun_before END + INTERVAL 1 MINUTE AS time,
  connects,
  bad,
  observed
FROM turns AS t
WHERE is_slow <> was_slow;
