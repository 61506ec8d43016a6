-- The topic as bytes, for the one question that asks what of it cannot be read.
CREATE TEMPORARY TABLE raw_records (
  `value` STRING,
  `partition` INT NOT NULL METADATA VIRTUAL,
  `offset` BIGINT NOT NULL METADATA VIRTUAL,
  record_time TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp' VIRTUAL
) WITH (
  'connector' = 'kafka',
  'topic' = '{{topic}}',
  'scan.startup.mode' = '{{from}}',
  {{bounded}}
  'format' = 'raw',
  {{kafka}}
);
