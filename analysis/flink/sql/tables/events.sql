-- The topic as agents fill it (docs/events.md): events, summaries and accounts, in JSON.
--
-- Whose clock counts: `event_time` is the event's own time, but never later than the record's, which the broker holds near its
-- own clock: so a host whose clock is fast does not push the watermark past everybody else's events. A record without a time that
-- can be read takes the record's, since a row without one would end the job.
--
-- How far time has come (the watermark) is never told beyond now: brokers take records that are up to an hour ahead, and without
-- this one clock that is fast by less would make the events of all others late.
--
-- What is no JSON is passed over (`ignore-parse-errors`), and a field of another type than it should have is NULL: one bad record
-- stops nobody. How many these are is the question of questions/unreadable.sql.
CREATE TEMPORARY TABLE events (
  event_id STRING,
  `time` TIMESTAMP_LTZ(9),
  host STRING,
  tool STRING,
  `sample` BIGINT,
  -- Of a connect.
  comm STRING,
  destination_address STRING,
  destination_port INT,
  latency_us BIGINT,
  outcome STRING,
  cause STRING,
  -- Whose it is, of Kubernetes.
  k8s_namespace STRING,
  k8s_workload STRING,
  destination_service STRING,
  destination_service_namespace STRING,
  -- Of a summary (docs/summaries.md): base64 in JSON, so bytes here.
  other BOOLEAN,
  cells BYTES,
  -- Of an account: which kind, and what each kind says.
  `record` STRING,
  epoch STRING,
  state STRING,
  sequences BIGINT,
  reason STRING,
  first_sequence BIGINT,
  last_sequence BIGINT,
  produced BIGINT,
  delivered BIGINT,
  filtered BIGINT,
  sampled_out BIGINT,
  in_flight BIGINT,
  summaries BIGINT,
  missed_runs BIGINT,
  -- Of Kafka.
  record_time TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp' VIRTUAL,
  arrival AS PROCTIME(),
  event_time AS CASE WHEN CAST(`time` AS TIMESTAMP_LTZ(3)) < record_time THEN CAST(`time` AS TIMESTAMP_LTZ(3)) ELSE record_time END,
  WATERMARK FOR event_time
    AS CASE WHEN event_time < CURRENT_TIMESTAMP THEN event_time ELSE CURRENT_TIMESTAMP END - INTERVAL '{{lateness}}' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = '{{topic}}',
  'scan.startup.mode' = '{{from}}',
  {{bounded}}
  'format' = 'json',
  'json.ignore-parse-errors' = 'true',
  'json.timestamp-format.standard' = 'ISO-8601',
  {{kafka}}
);
