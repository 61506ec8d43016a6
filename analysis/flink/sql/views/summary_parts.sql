-- Bins of summaries, one a row, and those whose latency is not known: what all of it stands for is connects that are as good as
-- alike. Which bin it is, is the sum of the steps up to it; they come in their order, since those of a cell go one way.
CREATE TEMPORARY VIEW summary_parts AS
SELECT
  event_time, host, other, comm, destination_address, destination_port,
  k8s_namespace, k8s_workload, destination_service, destination_service_namespace, `sample`,
  ELT(ASCII(SUBSTRING(cell, 1, 1)) + 1,
    'connected', 'refused', 'timed_out', 'unreachable', 'reset', 'abandoned', 'failed', 'stuck', 'unknown') AS outcome,
  ELT(ASCII(SUBSTRING(cell, 2, 1)) + 1, 'syn_loss', 'network', 'host', 'fast_open', 'unknown') AS cause,
  -- The value in the middle of a bin, within 1 % of all that are in it: bin n goes up to (1.01 / 0.99) ^ (n - 1) microseconds.
  CASE
    WHEN pair_at = 2 THEN CAST(NULL AS DOUBLE)
    WHEN bin < 1 THEN CAST(0 AS DOUBLE)
    ELSE CAST(0.99 AS DOUBLE) * POWER(CAST(1.01 AS DOUBLE) / CAST(0.99 AS DOUBLE), CAST(bin - 1 AS DOUBLE))
  END AS latency_us,
  CASE WHEN pair_at = 2 THEN first_number ELSE second_number END AS events
FROM (
  SELECT
    *,
    SUM(CASE WHEN pair_at = 2 THEN 0 ELSE first_number END)
      OVER (PARTITION BY event_id, place ORDER BY arrival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - 1 AS bin
  FROM summary_pairs
)
-- The last bin there is; what is behind it was damaged.
WHERE bin <= {{last_bin}} AND (pair_at > 2 OR first_number > 0);
