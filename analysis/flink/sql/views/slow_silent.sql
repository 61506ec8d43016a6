-- Destinations that were slow, and of which there is no minute with enough connects for as long as is remembered: time going on is
-- what resolves them. The last minute in which they were slow is what is known of them.
CREATE TEMPORARY VIEW slow_silent AS
SELECT s.*
FROM slow_turns AS s
LEFT JOIN slow AS n
  ON s.destination = n.destination
  AND n.window_time BETWEEN s.window_time + INTERVAL '1' SECOND AND s.window_time + INTERVAL '{{silent_after}}' DAY TO SECOND
-- Where the topic is read to its end, no time goes on behind that: what is open there stays open.
WHERE s.is_slow AND n.destination IS NULL AND {{is_endless}};
