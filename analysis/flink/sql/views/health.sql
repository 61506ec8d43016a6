-- Accounts and gaps side by side: what there is to say of hosts.
CREATE TEMPORARY VIEW health AS
SELECT
  event_time, host, epoch, told_before AS told_from, whole_until AS told_at, CAST(0 AS BIGINT) AS lost,
  FALSE AS is_gap, state = 'ended' OR state = 'cut' AS is_over
FROM accounts
UNION ALL
SELECT event_time, host, epoch, gap_from, gap_to, lost, TRUE, FALSE
FROM known_gaps;
