-- The same of summaries: what each stands for is counted once.
CREATE TEMPORARY VIEW once_summaries AS
SELECT *
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY arrival) AS copy
  FROM events
  WHERE event_id IS NOT NULL AND `record` = 'summary' AND tool = 'tcpconnlat' AND cells IS NOT NULL
)
WHERE copy = 1;
