import { errnoName } from '@hivetap/bpf'
import { CONNECT_COLUMNS } from '../connects/connect-columns.js'
import { type ConnectEvent, connectEvent } from '../connects/connect-event.js'
import { connectFields } from '../connects/connect-fields.js'
import { CONNECT_FLAGS } from '../connects/connect-flags.js'
import { connectNamedBy } from '../connects/connect-named-by.js'
import { connectOfRecord } from '../connects/connect-of-record.js'
import { CONNECT_SIZES, type ConnectOptions } from '../connects/connect-plan.js'
import { openConnects } from '../connects/open-connects.js'
import { COUNT_FLAGS, type CountOptions } from '../counting.js'
import { userId } from '../option-values.js'
import { sinceFirstColumn } from '../time-columns.js'
import type { Column, ToldConnects, Tool } from '../tool.js'
import { connectCounting } from './connect-counting.js'
import { tcpconnect as object } from './tcpconnect.bpf.js'

/** What may be asked of tcpconnect. */
export interface TcpconnectOptions extends ConnectOptions, CountOptions {
  readonly timestamp?: boolean
  readonly printUid?: boolean
  readonly sourcePort?: boolean
  readonly wide?: boolean
}

function columns(options: TcpconnectOptions): readonly Column<ConnectEvent>[] {
  const all: (Column<ConnectEvent> | false | undefined)[] = [
    // bcc pads the time to nine characters with no space behind: the same, up to a thousand seconds.
    options.timestamp && sinceFirstColumn(8),
    options.printUid && CONNECT_COLUMNS.uid,
    CONNECT_COLUMNS.pid,
    { header: 'COMM', width: 16, cut: 16, field: 'comm', text: (event) => event.comm },
    CONNECT_COLUMNS.ip,
    CONNECT_COLUMNS.sourceAddress,
    CONNECT_COLUMNS.destinationAddress,
    options.sourcePort && {
      header: 'SPORT',
      width: 5,
      field: 'source_port',
      text: (event) => String(event.sourcePort),
    },
    CONNECT_COLUMNS.destinationPort,
    options.wide && CONNECT_COLUMNS.outcome,
    options.wide && {
      header: 'ERROR',
      width: 12,
      field: 'error',
      text: (event) => (event.errorCode === 0 ? undefined : errnoName(event.errorCode)),
    },
  ]
  return all.filter((column) => typeof column === 'object')
}

const TOLD: ToldConnects = { failures: true, stuck: false }

/** Which TCP connections are opened, and by whom. */
export const tcpconnect: Tool<ConnectEvent, TcpconnectOptions> = {
  name: 'tcpconnect',
  summary: 'Show which TCP connections are opened, and by whom',
  description:
    'A line for every TCP connection that a program on this host opens, when its connect has ended: with success or ' +
    'without, which -w tells. With -c they are counted in the kernel, and told at the end.',
  subject: 'connects',
  flags: [
    CONNECT_FLAGS.timestamp,
    {
      ...COUNT_FLAGS.count,
      help: 'count connects by their addresses and remote port, with -s local port, instead of a line each',
      conflicts: ['timestamp', 'printUid', 'wide'],
    },
    COUNT_FLAGS.interval,
    { name: 'printUid', flags: '-U, --print-uid', help: 'with the user' },
    CONNECT_FLAGS.pid,
    { name: 'uid', flags: '-u, --uid <UID>', help: 'only connects of this user', parse: userId },
    { name: 'sourcePort', flags: '-s, --source-port', help: 'with the local port' },
    CONNECT_FLAGS.port,
    CONNECT_FLAGS.ipv4,
    CONNECT_FLAGS.ipv6,
    { name: 'wide', flags: '-w, --wide', help: 'with the outcome, and the error of connects that failed' },
  ],
  rungs: ['tp_btf', 'raw_tp', 'tracepoint'],
  sizes: CONNECT_SIZES,
  columns,
  remark: () => undefined,
  fields: connectFields,
  decoder: connectEvent,
  timeNs: (event) => event.timeNs,
  namedBy: connectNamedBy,
  ofRecord: connectOfRecord,
  connects: () => TOLD,
  open: (options, placement) => openConnects(object, options, TOLD, placement),
  counting: connectCounting,
}
