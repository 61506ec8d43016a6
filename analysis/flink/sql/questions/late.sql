-- What came when a window that it belongs to had been told? Such connects are in no row any more of the windows that were over:
-- the minute in which they happened was not seen whole, whatever its windows said.
INSERT INTO late
SELECT COALESCE(host, ''), FLOOR(CAST(event_time AS TIMESTAMP_LTZ(3)) TO MINUTE), COUNT(*)
FROM connects
WHERE FLOOR(CAST(event_time AS TIMESTAMP_LTZ(3)) TO MINUTE) + INTERVAL '{{slide}}' MINUTE <= CURRENT_WATERMARK(event_time)
GROUP BY COALESCE(host, ''), FLOOR(CAST(event_time AS TIMESTAMP_LTZ(3)) TO MINUTE);
