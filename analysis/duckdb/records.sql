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

CREATE VIEW connects AS
SELECT
  event_time,
  host,
  -- Of Kubernetes where that is known, else by name and address.
  CASE
    WHEN json ->> '$.k8s_workload' IS NULL THEN coalesce(json ->> '$.comm', '')
    ELSE concat_ws('/', json ->> '$.k8s_namespace', json ->> '$.k8s_workload')
  END AS source,
  CASE
    WHEN json ->> '$.destination_service' IS NOT NULL
      THEN concat_ws('/', json ->> '$.destination_service_namespace', json ->> '$.destination_service')
    WHEN contains(address, ':') THEN '[' || address || ']:' || port
    ELSE address || ':' || port
  END AS destination,
  CASE WHEN outcome = 'connected' THEN TRY_CAST(json ->> '$.latency_us' AS BIGINT) END AS latency_us,
  outcome NOT IN ('connected', 'abandoned') AS failed
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
