-- The same of accounts and losses. They are few: by themselves, so that what is asked of them alone remembers no events.
CREATE TEMPORARY VIEW once_accounts AS
SELECT *
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY arrival) AS copy
  FROM events
  WHERE event_id IS NOT NULL AND `record` IS NOT NULL AND `record` <> 'summary'
)
WHERE copy = 1;
