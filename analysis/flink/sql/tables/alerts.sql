-- What questions/slow_destinations.sql tells: records like those of hivetap detect (packages/hivetap/src/detect/alert.ts).
CREATE TEMPORARY TABLE alerts (
  `version` INT,
  `record` STRING,
  alert_id STRING,
  state STRING,
  rule STRING,
  kind STRING,
  severity STRING,
  `key` ROW<destination STRING>,
  since STRING,
  `time` STRING,
  window_s INT,
  connects BIGINT,
  bad BIGINT,
  observed DOUBLE,
  threshold DOUBLE,
  unit STRING,
  outcomes MAP<STRING, BIGINT>,
  causes MAP<STRING, DOUBLE>,
  likely_cause STRING,
  summary STRING
) WITH (
  'connector' = 'kafka',
  'topic' = '{{results}}.alerts',
  'key.format' = 'json',
  'key.fields' = 'alert_id;state',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'sink.delivery-guarantee' = 'at-least-once',
  {{kafka}}
);
