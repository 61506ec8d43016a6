-- Connects of each source to each destination, in windows that overlap: how many, how many failed, and how long those that were
-- answered took. PERCENTILE is exact: between two values it interpolates in a straight line.
CREATE TEMPORARY VIEW latencies AS
SELECT
  window_start, window_end, window_time, source, destination,
  SUM(weight) AS connects,
  SUM(CASE WHEN failed THEN weight ELSE 0 END) AS failures,
  PERCENTILE(latency_us, ARRAY[0.5, 0.95, 0.99], weight) AS percentiles_us
FROM TABLE(HOP(TABLE connects, DESCRIPTOR(event_time), INTERVAL '{{slide}}' MINUTE, INTERVAL '{{window}}' MINUTE))
GROUP BY window_start, window_end, window_time, source, destination;
