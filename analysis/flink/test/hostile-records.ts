/** Values of records that are none of hivetap's, or that were damaged on the way. */
export const HOSTILE = [
  '{"a',
  'null',
  '[1]',
  '\u0000\u0001',
  '{"record":"epoch","event_id":{}}',
  // These can be read, and say nothing.
  '{"event_id":5,"time":"x","tool":"tcpconnlat","outcome":7}',
  '{"event_id":"q-1","tool":"tcpconnlat","latency_us":"abc","destination_port":99999999999,"time":"2026-13-45","outcome":"connected"}',
  '{"event_id":"q-2","record":"epoch","epoch":"q","sequences":-1e400,"state":[]}',
  '{"event_id":"q-3","record":"loss","epoch":"q","first_sequence":9,"last_sequence":-9}',
]
/** How many of them can be read by nobody, or have no `event_id`: the first. */
export const UNREADABLE = 5
