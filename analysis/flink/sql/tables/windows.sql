-- What questions/windows.sql tells. A row that is told again after a restart has the same key and the same values.
CREATE TEMPORARY TABLE windows (
  window_start TIMESTAMP_LTZ(3),
  window_end TIMESTAMP_LTZ(3),
  source STRING,
  destination STRING,
  connects BIGINT,
  failures BIGINT,
  p50_us DOUBLE,
  p95_us DOUBLE,
  p99_us DOUBLE,
  whole BOOLEAN,
  hosts BIGINT,
  hosts_not_whole BIGINT,
  lost BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = '{{results}}.windows',
  'key.format' = 'json',
  'key.fields' = 'window_start;window_end;source;destination',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'sink.delivery-guarantee' = 'at-least-once',
  {{kafka}}
);
