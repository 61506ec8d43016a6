-- Connects that came to an end: a connect is told once, by itself or in a summary.
CREATE VIEW connects AS
SELECT
  event_time,
  host,
  -- Of Kubernetes where that is known, else by name and address. Texts that are empty are as good as none.
  CASE
    WHEN is_other THEN 'other'
    WHEN json ->> '$.k8s_workload' <> ''
      THEN concat_ws('/', nullif(json ->> '$.k8s_namespace', ''), json ->> '$.k8s_workload')
    ELSE coalesce(json ->> '$.comm', '')
  END AS source,
  CASE
    WHEN is_other THEN 'other'
    WHEN json ->> '$.destination_service' <> ''
      THEN concat_ws('/', nullif(json ->> '$.destination_service_namespace', ''), json ->> '$.destination_service')
    WHEN contains(address, ':') THEN '[' || address || ']:' || port
    ELSE address || ':' || port
  END AS destination,
  CASE WHEN outcome = 'connected' THEN latency END AS latency_us,
  outcome NOT IN ('connected', 'abandoned') AS failed,
  -- With `--sample 1/N` each stands for N.
  greatest(coalesce(TRY_CAST(json ->> '$.sample' AS BIGINT), 1), 1) * events AS weight
FROM (
  SELECT
    event_time, host, json, outcome, latency, events,
    coalesce(TRY_CAST(json ->> '$.other' AS BOOLEAN), false) AS is_other,
    json ->> '$.destination_address' AS address,
    TRY_CAST(json ->> '$.destination_port' AS INTEGER) AS port
  FROM (
    SELECT event_time, host, json, json ->> '$.outcome' AS outcome, TRY_CAST(json ->> '$.latency_us' AS BIGINT)::DOUBLE AS latency, 1 AS events
    FROM records
    WHERE record IS NULL AND tool = 'tcpconnlat'
    UNION ALL
    SELECT event_time, host, json, outcome, latency, events
    FROM summary_parts
  )
)
WHERE outcome <> 'stuck' AND (is_other OR (address IS NOT NULL AND port IS NOT NULL));
