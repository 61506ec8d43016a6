/** What a column holds, as far as it matters here. */
export type ColumnKind =
  | 'time'
  | 'pid'
  | 'comm'
  | 'host'
  | 'source'
  | 'source_port'
  | 'destination'
  | 'destination_port'
  | 'latency'
  | 'old_state'
  | 'new_state'
  | 'event_type'
  | 'outcome'
  | 'cause'
  | 'socket'
  /** The name of hivetap's tool that the row is of. */
  | 'tool'
  /** The same text in the header and in each row: an arrow. */
  | 'mark'
  /** Text that may hold spaces, up to the end of the line. */
  | 'text'
  /** Something that the tools are known to show, and that is not needed. */
  | 'known'
  | 'other'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** Where its name begins in the header. */
  readonly start: number
  /** Of times and latencies, how many microseconds its unit has; `undefined` if the header does not say. */
  readonly unitUs?: number | undefined
}

/** Microseconds of a unit, by its name. */
export const UNITS_US: Readonly<Record<string, number>> = {
  NS: 0.001,
  US: 1,
  MS: 1000,
  S: 1_000_000,
  SEC: 1_000_000,
}

const NAMES: readonly (readonly [ColumnKind, string])[] = [
  ['pid', 'PID C-PID TGID'],
  ['comm', 'COMM C-COMM PCOMM TASK COMMAND CMD PROCESS'],
  ['host', 'NODE HOST HOSTNAME'],
  ['source', 'SADDR LADDR SRC SOURCE LOCAL SIP SRC_ADDR SRC_IP SADDR:SPORT LADDR:LPORT SRC:PORT'],
  ['source_port', 'SPORT LPORT SRC_PORT SRCPORT'],
  [
    'destination',
    'DADDR RADDR DST DEST DESTINATION REMOTE PEER DIP DST_ADDR DEST_ADDR DST_IP DEST_IP DADDR:DPORT RADDR:RPORT DST:PORT',
  ],
  ['destination_port', 'DPORT RPORT DST_PORT DEST_PORT DSTPORT'],
  ['old_state', 'OLDSTATE'],
  ['new_state', 'NEWSTATE'],
  ['event_type', 'T TYPE'],
  ['outcome', 'OUTCOME'],
  ['cause', 'CAUSE'],
  ['socket', 'SKADDR'],
  ['mark', '-> > |'],
  ['text', 'QUERY ARGS'],
  ['known', 'TID PPID UID GID CPU IP AF FAMILY NETNS RET FD ERROR SRTT(MS) RETRANS'],
]
const KINDS: ReadonlyMap<string, ColumnKind> = new Map(
  NAMES.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)),
)
const LATENCY =
  /^(?:CONN(?:ECT)?[_-]?)?(?:LAT(?:ENCY)?|DELTA|DELAY|ELAPSED|DURATION|DUR|TOOK)(?:[_(]?(NS|US|MS|SEC|S)\)?)?$/
const ONLY_UNIT = /^(MS|US|NS)$/
const TIME = /^TIME(?:STAMP)?(?:[_(]?(NS|US|MS|SEC|S)\)?)?$/

/** What a column is, by its name in the header. */
export function columnOf(header: string, start: number): Column {
  const name = header.replace(/[µμ]/g, 'u').toUpperCase()
  const kind = KINDS.get(name)
  if (kind !== undefined) return { name, kind, start }
  const latency = LATENCY.exec(name) ?? ONLY_UNIT.exec(name)
  if (latency !== null) return { name, kind: 'latency', start, unitUs: unitOf(latency[1]) }
  const time = TIME.exec(name)
  if (time !== null) return { name, kind: 'time', start, unitUs: unitOf(time[1]) ?? UNITS_US['S'] }
  return { name, kind: 'other', start }
}

function unitOf(name: string | undefined): number | undefined {
  return name === undefined ? undefined : UNITS_US[name]
}
