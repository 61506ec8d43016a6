-- Connects that came to an end. One that is stuck is told each time a SYN is sent again, and is counted when it ends. A connect is
-- told once, by itself or in a summary; of a summary there is a row for each bin of its sketches.
CREATE TEMPORARY VIEW connects AS
SELECT
  event_time,
  host,
  -- Who connects: a workload of Kubernetes where that is known, else COMM. Texts that are empty are as good as none.
  CASE
    WHEN other THEN 'other'
    WHEN k8s_workload <> '' THEN CONCAT_WS('/', NULLIF(k8s_namespace, ''), k8s_workload)
    ELSE COALESCE(comm, '')
  END AS source,
  -- To where: a Service where that is known, else address and port.
  CASE
    WHEN other THEN 'other'
    WHEN destination_service <> ''
      THEN CONCAT_WS('/', NULLIF(destination_service_namespace, ''), destination_service)
    WHEN destination_address LIKE '%:%' THEN CONCAT('[', destination_address, ']:', CAST(destination_port AS STRING))
    ELSE CONCAT(destination_address, ':', CAST(destination_port AS STRING))
  END AS destination,
  CASE WHEN outcome = 'connected' THEN latency_us END AS latency_us,
  outcome,
  outcome <> 'connected' AND outcome <> 'abandoned' AS failed,
  COALESCE(cause, 'unknown') AS cause,
  events,
  -- With `--sample 1/N` each stands for N.
  CASE WHEN `sample` > 1 THEN `sample` ELSE 1 END * events AS weight
FROM (
  SELECT
    event_time, host, FALSE AS other, comm, destination_address, destination_port,
    k8s_namespace, k8s_workload, destination_service, destination_service_namespace, `sample`,
    outcome, cause, CAST(latency_us AS DOUBLE) AS latency_us, CAST(1 AS BIGINT) AS events
  FROM once_connects
  UNION ALL
  SELECT
    event_time, host, COALESCE(other, FALSE) AS other, comm, destination_address, destination_port,
    k8s_namespace, k8s_workload, destination_service, destination_service_namespace, `sample`,
    outcome, cause, latency_us, events
  FROM summary_parts
  WHERE outcome <> 'stuck'
)
WHERE other OR (destination_address IS NOT NULL AND destination_port IS NOT NULL);
