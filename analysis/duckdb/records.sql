-- The topic as a file: a record a line, in the order in which they arrived, with its time in Kafka as `record_time_ms`. (`hivetap`
-- writes files without that; then an event's own time is all there is.) What is missing or of another type is NULL.
CREATE VIEW arrived AS
SELECT
  row_number() OVER () AS arrival,
  json ->> '$.event_id' AS event_id,
  date_trunc('milliseconds', TRY_CAST(json ->> '$.time' AS TIMESTAMP)) AS said,
  make_timestamp(TRY_CAST(json ->> '$.record_time_ms' AS BIGINT) * 1000) AS record_time,
  json ->> '$.host' AS host,
  json ->> '$.tool' AS tool,
  json ->> '$.record' AS record,
  json
FROM read_ndjson_objects(getvariable('records'));

-- Of records with one `event_id` the first counts; and none happened later than Kafka took it.
CREATE VIEW records AS
SELECT *, coalesce(least(said, record_time), record_time, said) AS event_time
FROM arrived
WHERE event_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY arrival) = 1;

-- A percentile of values that stand for several each: between two of them in a straight line, as if each were there as often.
-- `upto` is how many there are up to a value, in order; `total` is how many there are.
CREATE MACRO percentile_of(value, upto, total, share) AS
  min(value) FILTER (upto > floor(share * (total - 1)::DOUBLE))
  + (min(value) FILTER (upto > ceil(share * (total - 1)::DOUBLE)) - min(value) FILTER (upto > floor(share * (total - 1)::DOUBLE)))
    * any_value(share * (total - 1)::DOUBLE - floor(share * (total - 1)::DOUBLE));
