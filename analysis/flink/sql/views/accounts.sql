-- What each run of an agent says of itself each minute (`epoch` records): how many sequences it had used up, and what it had said
-- the time before. A run that was killed is told of by the next one on the same spool (state `cut`).
--
-- A run that sends summaries counts some time before it tells: at most as long as anything may be late, or its summaries are. So what
-- it has told at an account is whole up to that long before (`whole_until`), but for its first account and its last.
CREATE TEMPORARY VIEW accounts AS
SELECT
  event_time,
  host,
  epoch,
  state,
  told_at,
  whole_until,
  sequences,
  LAG(whole_until) OVER (PARTITION BY epoch ORDER BY event_time) AS told_before,
  LAG(sequences) OVER (PARTITION BY epoch ORDER BY event_time) AS sequences_before
FROM (
  SELECT
    *,
    CAST(event_time AS TIMESTAMP(3)) AS told_at,
    CASE
      WHEN state = 'running' AND summaries IS NOT NULL THEN CAST(event_time AS TIMESTAMP(3)) - INTERVAL '{{lateness}}' SECOND
      ELSE CAST(event_time AS TIMESTAMP(3))
    END AS whole_until
  FROM once_accounts
  WHERE `record` = 'epoch' AND epoch IS NOT NULL AND sequences IS NOT NULL
);
