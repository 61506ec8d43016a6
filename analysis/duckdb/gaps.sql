-- Accounts of the runs of agents, with what each said before; and spans in which something of a host is missing.
CREATE VIEW accounts AS
SELECT
  host, epoch, state, event_time AS told_at, sequences,
  whole_until,
  lag(whole_until) OVER account AS told_before,
  lag(sequences) OVER account AS sequences_before
FROM (
  SELECT
    *,
    -- What a run with summaries counts, it tells later: by as much as anything may be late, at most.
    CASE WHEN state = 'running' AND (json ->> '$.summaries') IS NOT NULL THEN event_time - INTERVAL 30 SECOND ELSE event_time END AS whole_until
  FROM (
    SELECT *, json ->> '$.epoch' AS epoch, json ->> '$.state' AS state, TRY_CAST(json ->> '$.sequences' AS BIGINT) AS sequences
    FROM records
    WHERE record = 'epoch'
  )
)
WHERE epoch IS NOT NULL AND sequences IS NOT NULL
WINDOW account AS (PARTITION BY epoch ORDER BY event_time, arrival);

CREATE VIEW kernel_accounts AS
SELECT
  host, epoch, event_time AS told_at, lost,
  lag(event_time) OVER kernel_account AS told_before,
  lag(lost) OVER kernel_account AS lost_before
FROM (
  SELECT
    *,
    regexp_replace(event_id, '-[0-9]+$', '') AS epoch,
    -- What of all that was produced is in no other place of the account, and what nobody saw.
    coalesce(list_sum(CAST(json -> '$.dropped.*' AS BIGINT[])), 0) + CAST(json ->> '$.missed_runs' AS BIGINT) AS lost
  FROM records
  WHERE record = 'ledger' AND tool = 'tcpconnlat'
)
WINDOW kernel_account AS (PARTITION BY epoch ORDER BY event_time, arrival);

CREATE VIEW gaps AS
SELECT host, epoch, 'kernel' AS kind, told_before AS gap_from, told_at AS gap_to, lost - coalesce(lost_before, 0) AS lost
FROM kernel_accounts
WHERE lost > coalesce(lost_before, 0)
UNION ALL
SELECT host, epoch, 'cut', told_before, told_at, NULL
FROM accounts
WHERE state = 'cut'
UNION ALL
SELECT
  a.host, a.epoch, 'loss', a.told_before, a.told_at,
  least(l.last_sequence + 1, a.sequences) - greatest(l.first_sequence, coalesce(a.sequences_before, 0))
FROM accounts AS a
JOIN (
  SELECT
    json ->> '$.epoch' AS epoch,
    TRY_CAST(json ->> '$.first_sequence' AS BIGINT) AS first_sequence,
    TRY_CAST(json ->> '$.last_sequence' AS BIGINT) AS last_sequence
  FROM records
  WHERE record = 'loss'
) AS l
  ON a.epoch = l.epoch AND l.first_sequence < a.sequences AND l.last_sequence >= coalesce(a.sequences_before, 0);
