-- Numbers of cells, two a row, since all in a cell come in twos: outcome and cause; how many have no latency, and the length of the
-- sketch; the sketch's version, and how many bins it has; then of each bin how far it is behind the one before, and its count.
--
-- A number has seven bits a byte, the lowest first; a byte from 128 on says that there is more of it. What a byte is, is where its
-- character stands among all 256. Five of them are 35 bits: no bin counts more than 32.
CREATE TEMPORARY VIEW summary_pairs AS
SELECT
  event_time, arrival, event_id, host, other, comm, destination_address, destination_port,
  k8s_namespace, k8s_workload, destination_service, destination_service_namespace, `sample`,
  cell, place, pair_at,
  {{first_number}} AS first_number,
  {{second_number}} AS second_number
FROM (
  SELECT
    c.*, p.pair_at,
    REGEXP_EXTRACT(p.pair, '^([\x80-\xFF]*[\x00-\x7F])', 1) AS a,
    REGEXP_EXTRACT(p.pair, '([\x80-\xFF]*[\x00-\x7F])$', 1) AS b
  FROM summary_cells AS c
  CROSS JOIN UNNEST(REGEXP_EXTRACT_ALL(c.cell, '(?:[\x80-\xFF]*[\x00-\x7F]){2}', 0)) WITH ORDINALITY AS p (pair, pair_at)
)
-- The first and the third of a cell are of no bin.
WHERE pair_at = 2 OR pair_at > 3;
