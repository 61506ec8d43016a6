-- Records are delivered at least once: of those with one `event_id` the first that arrives counts. What no question asks for is
-- left out before, so that nobody has to remember it.
CREATE TEMPORARY VIEW once AS
SELECT *
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY arrival) AS copy
  FROM events
  WHERE event_id IS NOT NULL AND (tool = 'tcpconnlat' OR `record` IS NOT NULL)
)
WHERE copy = 1;
