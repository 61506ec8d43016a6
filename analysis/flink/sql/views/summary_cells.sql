-- Cells of summaries, one a row: how many connects ended in one way for one cause, and a sketch of how long they took.
--
-- `cells` is bytes (docs/summaries.md: "`cells`"). As text with a character for each byte, patterns can take them apart, and nothing
-- but SQL is needed. Behind the version and the number of cells comes one cell after the other; how long each is stands within it,
-- so the pattern that finds them counts (analysis/flink/cell-pattern.mjs). What is of another version is no summary to us.
CREATE TEMPORARY VIEW summary_cells AS
SELECT
  s.event_time, s.arrival, s.event_id, s.host, s.other, s.comm, s.destination_address, s.destination_port,
  s.k8s_namespace, s.k8s_workload, s.destination_service, s.destination_service_namespace, s.`sample`,
  c.cell, c.place
FROM once_summaries AS s
CROSS JOIN UNNEST(REGEXP_EXTRACT_ALL(SUBSTRING(DECODE(s.cells, 'ISO-8859-1'), 3), '{{cell_pattern}}', 0))
  WITH ORDINALITY AS c (cell, place)
WHERE SUBSTRING(DECODE(s.cells, 'ISO-8859-1'), 1, 1) = DECODE(X'01', 'ISO-8859-1');
