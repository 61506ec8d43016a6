-- How many records are none of hivetap's? The other questions pass over them. It reads the topic a second time.
-- An hour's count is held for a day: a row that was forgotten would begin at 1 again.
INSERT INTO unreadable
SELECT /*+ STATE_TTL('raw_records' = '1d') */ `partition`, FLOOR(record_time TO HOUR), COUNT(*), MIN(`offset`), MAX(`offset`)
FROM raw_records
WHERE NOT (`value` IS JSON OBJECT) OR JSON_VALUE(`value`, '$.event_id') IS NULL
GROUP BY `partition`, FLOOR(record_time TO HOUR);
