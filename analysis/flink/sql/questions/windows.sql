-- How long do connects take, and how many fail, from each source to each destination; and was all of it seen?
-- A row waits until the accounts behind its window are there; without any it says so (`whole` FALSE, `hosts` 0).
INSERT INTO windows
SELECT
  l.window_start, l.window_end, l.source, l.destination, l.connects, l.failures,
  l.percentiles_us[1], l.percentiles_us[2], l.percentiles_us[3],
  COALESCE(c.hosts > 0 AND c.hosts_not_whole = 0, FALSE),
  COALESCE(c.hosts, 0), COALESCE(c.hosts_not_whole, 0), COALESCE(c.lost, 0)
FROM latencies AS l
LEFT JOIN completeness AS c
  ON l.window_start = c.start_of
  AND c.window_time BETWEEN l.window_time AND l.window_time + INTERVAL '2' MINUTE;
