-- Records are delivered at least once: of those with one `event_id` the first that arrives counts. What no question asks for is left
-- out before, so that nobody has to remember it.
CREATE TEMPORARY VIEW once_connects AS
SELECT *
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY arrival) AS copy
  FROM events
  WHERE event_id IS NOT NULL AND `record` IS NULL AND tool = 'tcpconnlat' AND outcome <> 'stuck'
)
WHERE copy = 1;
