-- Each destination each minute: how long 95 of 100 connects to it took at most, how many took too long, and why.
CREATE TEMPORARY VIEW slow AS
SELECT
  window_start, window_end, window_time, destination,
  SUM(weight) AS connects,
  SUM(CASE WHEN latency_us > {{over_us}} THEN weight ELSE 0 END) AS bad,
  SUM(CASE WHEN latency_us > {{over_us}} AND cause = 'syn_loss' THEN weight ELSE 0 END) AS syn_loss,
  SUM(CASE WHEN latency_us > {{over_us}} AND cause = 'network' THEN weight ELSE 0 END) AS network,
  SUM(CASE WHEN latency_us > {{over_us}} AND cause = 'host' THEN weight ELSE 0 END) AS host,
  SUM(CASE WHEN latency_us > {{over_us}} AND cause = 'fast_open' THEN weight ELSE 0 END) AS fast_open,
  PERCENTILE(latency_us, 0.95, weight) AS p95_us
FROM TABLE(TUMBLE(TABLE connects, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, window_time, destination
HAVING SUM(weight) >= {{least_connects}};
