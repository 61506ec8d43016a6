-- What came when a window that it belongs to had been told? Such connects are in no row any more of the windows that were over:
-- the minute in which they happened was not seen whole, whatever its windows said.
-- A minute's count is held for a day: a row that was forgotten would begin at 1 again.
INSERT INTO late
SELECT /*+ STATE_TTL('connects' = '1d') */ COALESCE(host, ''), FLOOR(CAST(event_time AS TIMESTAMP_LTZ(3)) TO MINUTE), SUM(events)
FROM connects
WHERE FLOOR(CAST(event_time AS TIMESTAMP_LTZ(3)) TO MINUTE) + INTERVAL '{{slide}}' MINUTE <= CURRENT_WATERMARK(event_time)
GROUP BY COALESCE(host, ''), FLOOR(CAST(event_time AS TIMESTAMP_LTZ(3)) TO MINUTE);
