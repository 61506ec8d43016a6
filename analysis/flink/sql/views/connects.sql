-- Connects that came to an end. One that is stuck is told each time a SYN is sent again, and is counted when it ends.
CREATE TEMPORARY VIEW connects AS
SELECT
  event_time,
  host,
  -- Who connects: a workload of Kubernetes where that is known, else COMM. Texts that are empty are as good as none.
  CASE
    WHEN k8s_workload <> '' THEN CONCAT_WS('/', NULLIF(k8s_namespace, ''), k8s_workload)
    ELSE COALESCE(comm, '')
  END AS source,
  -- To where: a Service where that is known, else address and port.
  CASE
    WHEN destination_service <> ''
      THEN CONCAT_WS('/', NULLIF(destination_service_namespace, ''), destination_service)
    WHEN destination_address LIKE '%:%' THEN CONCAT('[', destination_address, ']:', CAST(destination_port AS STRING))
    ELSE CONCAT(destination_address, ':', CAST(destination_port AS STRING))
  END AS destination,
  CASE WHEN outcome = 'connected' THEN latency_us END AS latency_us,
  outcome,
  outcome <> 'connected' AND outcome <> 'abandoned' AS failed,
  COALESCE(cause, 'unknown') AS cause,
  -- With `--sample 1/N` each stands for N.
  CASE WHEN `sample` > 1 THEN `sample` ELSE 1 END AS weight
FROM once_connects
WHERE destination_address IS NOT NULL AND destination_port IS NOT NULL;
