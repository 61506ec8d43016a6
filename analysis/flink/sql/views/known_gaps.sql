-- Spans of time in which something of a host is missing, as far as that is known when the windows that they fall into are told.
-- A span begins behind the account before it and ends with the account that tells it; where the one before is not known, neither
-- is the beginning (NULL).
CREATE TEMPORARY VIEW known_gaps AS
SELECT event_time, host, epoch, told_before AS gap_from, told_at AS gap_to, lost - COALESCE(lost_before, 0) AS lost
FROM kernel_accounts
WHERE lost > COALESCE(lost_before, 0)
UNION ALL
SELECT event_time, host, epoch, told_before, told_at, CAST(0 AS BIGINT)
FROM accounts
WHERE state = 'cut'
UNION ALL
-- A loss says sequences, and accounts say which sequences were used up when. Losses that are declared later than this are told by
-- questions/gaps.sql.
SELECT
  a.event_time, a.host, a.epoch, a.told_before, a.told_at,
  CASE WHEN l.last_sequence < a.sequences THEN l.last_sequence + 1 ELSE a.sequences END
    - CASE WHEN l.first_sequence > COALESCE(a.sequences_before, 0) THEN l.first_sequence ELSE COALESCE(a.sequences_before, 0) END
FROM accounts AS a
JOIN losses AS l
  ON a.epoch = l.epoch
  AND l.first_sequence < a.sequences
  AND l.last_sequence >= COALESCE(a.sequences_before, 0)
  AND l.event_time BETWEEN a.event_time - INTERVAL '2' MINUTE AND a.event_time + INTERVAL '2' MINUTE;
