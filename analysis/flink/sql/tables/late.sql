-- What questions/late.sql tells.
CREATE TEMPORARY TABLE late (
  host STRING,
  `minute` TIMESTAMP_LTZ(3),
  connects BIGINT,
  PRIMARY KEY (host, `minute`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '{{results}}.late',
  'key.format' = 'json',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'sink.delivery-guarantee' = 'at-least-once',
  {{kafka}}
);
