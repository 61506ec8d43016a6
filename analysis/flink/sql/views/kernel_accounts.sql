-- What tcpconnlat says each minute of what the kernel could not tell (`ledger` records): all that is in no other column of the
-- account was lost, and of a program that did not run nobody knows what it would have seen.
CREATE TEMPORARY VIEW kernel_accounts AS
SELECT
  event_time,
  host,
  epoch,
  CAST(event_time AS TIMESTAMP(3)) AS told_at,
  lost,
  LAG(CAST(event_time AS TIMESTAMP(3))) OVER (PARTITION BY epoch ORDER BY event_time) AS told_before,
  LAG(lost) OVER (PARTITION BY epoch ORDER BY event_time) AS lost_before
FROM (
  SELECT
    event_time,
    host,
    REGEXP_REPLACE(event_id, '-[0-9]+$', '') AS epoch,
    produced - delivered - filtered - sampled_out - in_flight + missed_runs AS lost
  FROM once_accounts
  WHERE `record` = 'ledger' AND tool = 'tcpconnlat'
)
WHERE lost IS NOT NULL;
