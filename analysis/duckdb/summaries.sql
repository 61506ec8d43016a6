-- Summaries (docs/summaries.md), taken apart: of each cell a row for each bin of its sketch, and one for those whose latency is not
-- known. What a bin counts took as long as its middle says, within 1 %.

-- Numbers as bytes have them: seven bits a byte, the lowest first; bytes from 128 on say that there is more of it. `ends` is where
-- those stand that say there is not.
CREATE MACRO bytes_of(blob) AS list_transform(range(octet_length(blob)), lambda place: ('0x' || substr(hex(blob), 2 * place + 1, 2))::BIGINT);
CREATE MACRO ends_of(bytes) AS list_filter(range(1, len(bytes) + 1), lambda place: bytes[place] < 128);
CREATE MACRO numbers_of(bytes, ends) AS list_transform(
  range(1, len(ends) + 1),
  lambda nth: list_sum(list_transform(
    range(coalesce(ends[nth - 1], 0) + 1, ends[nth] + 1),
    lambda place: (bytes[place] & 127) << (7 * (place - coalesce(ends[nth - 1], 0) - 1))))::BIGINT);

-- Where cells begin: each is six numbers, and two more for each of its bins.
CREATE VIEW summary_cells AS
WITH RECURSIVE summed AS (
  SELECT event_time, host, event_id, json, numbers_of(bytes, ends_of(bytes)) AS numbers
  FROM (
    SELECT *, bytes_of(from_base64(json ->> '$.cells')) AS bytes
    FROM records
    WHERE record = 'summary' AND tool = 'tcpconnlat'
  )
),
cells AS (
  SELECT event_id, numbers, 3::BIGINT AS place
  FROM summed
  WHERE numbers[1] = 1 AND numbers[2] > 0
  UNION ALL
  SELECT event_id, numbers, place + 6 + 2 * numbers[place + 5]
  FROM cells
  WHERE place + 6 + 2 * numbers[place + 5] < len(numbers)
)
SELECT event_time, host, event_id, json, cells.numbers[place:place + 5 + 2 * cells.numbers[place + 5]] AS cell
FROM cells JOIN summed USING (event_id);

CREATE VIEW summary_parts AS
SELECT
  event_time, host, json,
  ['connected', 'refused', 'timed_out', 'unreachable', 'reset', 'abandoned', 'failed', 'stuck', 'unknown'][cell[1] + 1] AS outcome,
  CASE WHEN bin >= 1 THEN 0.99 * pow(1.01::DOUBLE / 0.99::DOUBLE, bin - 1) WHEN bin = 0 THEN 0 END AS latency,
  events
FROM (
  SELECT *, list_sum(list_transform(range(nth), lambda before: cell[7 + 2 * before])) - 1 AS bin, cell[6 + 2 * nth] AS events
  FROM (SELECT *, unnest(range(1, cell[6] + 1)) AS nth FROM summary_cells)
  UNION ALL
  SELECT *, 0, NULL, cell[3]
  FROM summary_cells
  WHERE cell[3] > 0
);
