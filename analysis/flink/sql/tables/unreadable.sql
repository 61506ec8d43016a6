-- What questions/unreadable.sql tells.
CREATE TEMPORARY TABLE unreadable (
  `partition` INT,
  `hour` TIMESTAMP_LTZ(3),
  records BIGINT,
  first_offset BIGINT,
  last_offset BIGINT,
  PRIMARY KEY (`partition`, `hour`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '{{results}}.unreadable',
  'key.format' = 'json',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'sink.delivery-guarantee' = 'at-least-once',
  {{kafka}}
);
