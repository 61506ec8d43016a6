-- What each run of an agent says of itself each minute (`epoch` records): how many sequences it had used up, and what it had said
-- the time before. A run that was killed is told of by the next one on the same spool (state `cut`).
CREATE TEMPORARY VIEW accounts AS
SELECT
  event_time,
  host,
  epoch,
  state,
  CAST(event_time AS TIMESTAMP(3)) AS told_at,
  sequences,
  LAG(CAST(event_time AS TIMESTAMP(3))) OVER (PARTITION BY epoch ORDER BY event_time) AS told_before,
  LAG(sequences) OVER (PARTITION BY epoch ORDER BY event_time) AS sequences_before
FROM once_accounts
WHERE `record` = 'epoch' AND epoch IS NOT NULL AND sequences IS NOT NULL;
