import { causeOf } from '../connects/cause.js'
import { CONNECT_COLUMNS, milliseconds } from '../connects/connect-columns.js'
import { type ConnectEvent, connectEvent } from '../connects/connect-event.js'
import { connectFields, hasCause } from '../connects/connect-fields.js'
import { CONNECT_FLAGS } from '../connects/connect-flags.js'
import { connectNamedBy } from '../connects/connect-named-by.js'
import { connectOfRecord } from '../connects/connect-of-record.js'
import { CONNECT_SIZES, type ConnectOptions } from '../connects/connect-plan.js'
import { openConnects } from '../connects/open-connects.js'
import { millisecondsToUs } from '../option-values.js'
import { sinceFirstColumn } from '../time-columns.js'
import type { Column, ToldConnects, Tool } from '../tool.js'
import { tcpconnlat as object } from './tcpconnlat.bpf.js'

/** What may be asked of tcpconnlat. */
export interface TcpconnlatOptions extends ConnectOptions {
  /** Connects that took less are left out, microseconds. */
  readonly minLatencyUs?: number
  readonly timestamp?: boolean
  readonly lport?: boolean
  /** Failed and stuck connects too. */
  readonly failed?: boolean
  readonly wide?: boolean
}

function columns(options: TcpconnlatOptions): readonly Column<ConnectEvent>[] {
  const all: (Column<ConnectEvent> | false | undefined)[] = [
    options.timestamp && sinceFirstColumn(9),
    CONNECT_COLUMNS.pid,
    { header: 'COMM', width: 12, cut: 12, field: 'comm', text: (event) => event.comm },
    CONNECT_COLUMNS.ip,
    CONNECT_COLUMNS.sourceAddress,
    options.lport && {
      header: 'LPORT',
      width: 6,
      field: 'source_port',
      text: (event) => String(event.sourcePort),
    },
    CONNECT_COLUMNS.destinationAddress,
    CONNECT_COLUMNS.destinationPort,
    {
      header: 'LAT(ms)',
      width: 9,
      field: 'latency_us',
      text: (event) => milliseconds(event.latencyUs),
    },
    options.wide && CONNECT_COLUMNS.outcome,
    // Not of srtt_us: that a SYN was lost is known without it, and what is not known is `unknown`.
    options.wide && { header: 'CAUSE', width: 9, field: 'cause', text: causeText },
    options.wide && {
      header: 'SRTT(ms)',
      width: 8,
      field: 'srtt_us',
      text: (event) => (event.srttUs === 0 ? undefined : milliseconds(event.srttUs)),
    },
    options.wide && {
      header: 'RETRANS',
      width: 7,
      field: 'retransmits',
      text: (event) => String(event.retransmits),
    },
  ]
  return all.filter((column) => typeof column === 'object')
}

function causeText(event: ConnectEvent): string | undefined {
  return hasCause(event) ? causeOf(event) : undefined
}

function told({ minLatencyUs = 0, failed = false }: TcpconnlatOptions): ToldConnects {
  return { minLatencyUs, failures: failed, stuck: failed }
}

/** How long TCP connects take, and how they end. */
export const tcpconnlat: Tool<ConnectEvent, TcpconnlatOptions> = {
  name: 'tcpconnlat',
  summary: 'Show how long TCP connects take, and which fail or hang',
  description:
    'A line for every TCP connection that a program on this host opens: the time from the first SYN to the answer, ' +
    'measured in the kernel. With -x also those that fail, and those that hang, while they hang.',
  subject: 'connects',
  argument: {
    name: 'MIN_MS',
    help: 'leave out what took less, milliseconds',
    option: 'minLatencyUs',
    parse: millisecondsToUs,
  },
  flags: [
    CONNECT_FLAGS.timestamp,
    CONNECT_FLAGS.pid,
    { name: 'lport', flags: '-L, --lport', help: 'with the local port' },
    CONNECT_FLAGS.ipv4,
    CONNECT_FLAGS.ipv6,
    CONNECT_FLAGS.port,
    {
      name: 'failed',
      flags: '-x, --failed',
      help: 'failed connects too, and stuck ones each time a SYN is sent again',
    },
    {
      name: 'wide',
      flags: '-w, --wide',
      help: 'with outcome, cause, smoothed round trip and retransmitted SYNs',
    },
  ],
  rungs: ['tp_btf', 'raw_tp', 'tracepoint'],
  sizes: CONNECT_SIZES,
  columns,
  remark: (event, options) =>
    event.outcome === 'connected' || options.wide === true ? undefined : event.outcome,
  fields: connectFields,
  decoder: connectEvent,
  timeNs: (event) => event.timeNs,
  namedBy: connectNamedBy,
  ofRecord: connectOfRecord,
  connects: told,
  open: (options, placement) => openConnects(object, options, told(options), placement),
}
