-- Of which hosts is something missing, and from when to when? Told as soon as it is known, also when the windows that it falls
-- into were told long before: a row of `windows` is whole if it says so and no gap was told that touches it.
INSERT INTO gaps
SELECT host, epoch, 'kernel', '', told_before, told_at, CAST(-1 AS BIGINT), lost - COALESCE(lost_before, 0)
FROM kernel_accounts
WHERE lost > COALESCE(lost_before, 0)
UNION ALL
SELECT host, epoch, 'cut', '', told_before, told_at, CAST(-1 AS BIGINT), CAST(NULL AS BIGINT)
FROM accounts
WHERE state = 'cut'
UNION ALL
-- Not bound to the time of the events: a spool that was full may declare much later, up to as long as accounts are remembered.
SELECT
  a.host, a.epoch, 'loss', COALESCE(l.reason, ''), a.told_before, a.told_at, l.first_sequence,
  CASE WHEN l.last_sequence < a.sequences THEN l.last_sequence + 1 ELSE a.sequences END
    - CASE WHEN l.first_sequence > COALESCE(a.sequences_before, 0) THEN l.first_sequence ELSE COALESCE(a.sequences_before, 0) END
FROM accounts AS a
JOIN losses AS l
  ON a.epoch = l.epoch AND l.first_sequence < a.sequences AND l.last_sequence >= COALESCE(a.sequences_before, 0);
