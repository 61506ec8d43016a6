-- How many records are none of hivetap's? The other questions pass over them. It reads the topic a second time.
INSERT INTO unreadable
SELECT `partition`, FLOOR(record_time TO HOUR), COUNT(*), MIN(`offset`), MAX(`offset`)
FROM raw_records
WHERE NOT (`value` IS JSON OBJECT) OR JSON_VALUE(`value`, '$.event_id') IS NULL
GROUP BY `partition`, FLOOR(record_time TO HOUR);
