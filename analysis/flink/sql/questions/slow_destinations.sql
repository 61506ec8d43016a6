-- Which destinations became slow, from wherever one connects, and which are well again, or too quiet to tell? Once each: `open` and
-- `resolved`.
INSERT INTO alerts
SELECT
  1, 'alert', MD5(CONCAT('slow-destination ', destination, ' ', DATE_FORMAT(since, 'yyyy-MM-dd HH:mm'))),
  state,
  'slow-destination', 'over', 'warning', ROW(destination),
  DATE_FORMAT(since, 'yyyy-MM-dd''T''HH:mm:ss''Z'''),
  DATE_FORMAT(CASE WHEN state = 'open' THEN window_end ELSE slow_until END, 'yyyy-MM-dd''T''HH:mm:ss''Z'''),
  60, connects, bad, p95_us, CAST({{over_us}} AS DOUBLE), 'us',
  MAP['connected', bad],
  MAP[
    'syn_loss', CAST(syn_loss AS DOUBLE) / NULLIF(syn_loss + network + host + fast_open, 0),
    'network', CAST(network AS DOUBLE) / NULLIF(syn_loss + network + host + fast_open, 0),
    'host', CAST(host AS DOUBLE) / NULLIF(syn_loss + network + host + fast_open, 0),
    'fast_open', CAST(fast_open AS DOUBLE) / NULLIF(syn_loss + network + host + fast_open, 0)],
  CASE
    WHEN syn_loss * 2 > syn_loss + network + host + fast_open THEN 'syn_loss'
    WHEN network * 2 > syn_loss + network + host + fast_open THEN 'network'
    WHEN host * 2 > syn_loss + network + host + fast_open THEN 'host'
    WHEN fast_open * 2 > syn_loss + network + host + fast_open THEN 'fast_open'
    ELSE 'unknown'
  END,
  CONCAT(destination, what, CAST(bad AS STRING), ' of ',
    CAST(connects AS STRING), ' connects took longer than ', CAST({{over_us}} / 1000 AS STRING), ' ms')
FROM (
  SELECT
    *,
    CASE WHEN is_slow THEN 'open' ELSE 'resolved' END AS state,
    CASE WHEN is_slow THEN ' is slow: ' ELSE ' is well again: ' END AS what
  FROM slow_turns
  WHERE is_slow <> was_slow
  UNION ALL
  SELECT *, 'resolved', ' is hardly connected to any more; when it was last, '
  FROM slow_silent
);
