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

CREATE VIEW connects AS
SELECT
  event_time,
  host,
  -- Of Kubernetes where that is known, else by name and address. Texts that are empty are as good as none.
  CASE
    WHEN json ->> '$.k8s_workload' <> ''
      THEN concat_ws('/', nullif(json ->> '$.k8s_namespace', ''), json ->> '$.k8s_workload')
    ELSE coalesce(json ->> '$.comm', '')
  END AS source,
  CASE
    WHEN json ->> '$.destination_service' <> ''
      THEN concat_ws('/', nullif(json ->> '$.destination_service_namespace', ''), json ->> '$.destination_service')
    WHEN contains(address, ':') THEN '[' || address || ']:' || port
    ELSE address || ':' || port
  END AS destination,
  CASE WHEN outcome = 'connected' THEN TRY_CAST(json ->> '$.latency_us' AS BIGINT) END AS latency_us,
  outcome NOT IN ('connected', 'abandoned') AS failed,
  -- With `--sample 1/N` each stands for N.
  greatest(coalesce(TRY_CAST(json ->> '$.sample' AS BIGINT), 1), 1) AS weight
FROM (
  SELECT
    *,
    json ->> '$.destination_address' AS address,
    TRY_CAST(json ->> '$.destination_port' AS INTEGER) AS port,
    json ->> '$.outcome' AS outcome
  FROM records
  WHERE record IS NULL AND tool = 'tcpconnlat'
)
WHERE outcome <> 'stuck' AND address IS NOT NULL AND port IS NOT NULL;
