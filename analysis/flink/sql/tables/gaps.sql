-- What questions/gaps.sql tells.
CREATE TEMPORARY TABLE gaps (
  host STRING,
  epoch STRING,
  kind STRING,
  reason STRING,
  gap_from TIMESTAMP_LTZ(3),
  gap_to TIMESTAMP_LTZ(3),
  first_sequence BIGINT,
  lost BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = '{{results}}.gaps',
  'key.format' = 'json',
  'key.fields' = 'epoch;kind;reason;gap_to;first_sequence',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'sink.delivery-guarantee' = 'at-least-once',
  {{kafka}}
);
