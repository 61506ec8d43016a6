-- Which windows are whole (docs/flink.md says it in words). For each window all is looked at that was told from two minutes before
-- it to two minutes behind it: agents give an account each minute, so that one that says nothing within two is silent.
CREATE TEMPORARY VIEW completeness AS
SELECT
  window_start + INTERVAL '2' MINUTE AS start_of,
  window_time,
  COUNT(DISTINCT CASE WHEN is_there THEN host END) AS hosts,
  COUNT(DISTINCT CASE WHEN has_gap OR is_silent THEN host END) AS hosts_not_whole,
  SUM(lost) AS lost
FROM (
  SELECT
    window_start, window_end, window_time, host, epoch,
    COUNT(CASE WHEN covers THEN 1 END) > 0 AS is_there,
    COUNT(CASE WHEN covers AND is_gap THEN 1 END) > 0 AS has_gap,
    -- It was there, did not say that it ended, and said nothing at or behind the window's end.
    COUNT(CASE WHEN NOT is_gap THEN 1 END) > 0
      AND COUNT(CASE WHEN is_over OR (NOT is_gap AND told_at >= window_end - INTERVAL '2' MINUTE) THEN 1 END) = 0 AS is_silent,
    SUM(CASE WHEN covers AND is_gap THEN lost ELSE 0 END) AS lost
  FROM (
    SELECT
      *,
      told_at >= window_start + INTERVAL '2' MINUTE
        AND COALESCE(told_from < window_end - INTERVAL '2' MINUTE, is_gap OR told_at < window_end - INTERVAL '2' MINUTE) AS covers
    FROM TABLE(
      HOP(TABLE health, DESCRIPTOR(event_time), INTERVAL '{{slide}}' MINUTE, INTERVAL '{{window_and_around}}' MINUTE))
  )
  GROUP BY window_start, window_end, window_time, host, epoch
)
GROUP BY window_start, window_end, window_time;
