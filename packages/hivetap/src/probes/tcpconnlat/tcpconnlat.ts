import { errnoName, openKernelBtf } from '@hivetap/bpf'
import { millisecondsToUs, portList, processId } from '../option-values.js'
import type { SocketLayout } from '../socket-layout/find-offsets.js'
import { learnSocketLayout } from '../socket-layout/learn.js'
import type { Column, Field, Placement, Rung, Session, Tool } from '../tool.js'
import { openSession } from '../tool-session.js'
import { causeOf } from './cause.js'
import { type ConnectEvent, connectEventFields, tcpconnlat as object } from './tcpconnlat.bpf.js'

/** What may be asked of tcpconnlat. */
export interface TcpconnlatOptions {
  /** Connects that took less are left out, microseconds. */
  readonly minLatencyUs?: number
  readonly timestamp?: boolean
  readonly pid?: number
  readonly lport?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly port?: readonly number[]
  /** Failed and stuck connects too. */
  readonly failed?: boolean
  readonly wide?: boolean
}

/** More than that a CPU takes CAP_IPC_LOCK (kernel.perf_event_mlock_kb is 516). */
const PERF_BYTES_PER_CPU = 256 << 10

type ProgramName = keyof ReturnType<typeof object.load>['programs']

/** The programs of each rung: on changes of state, on retransmissions, on resets where errors cannot be read. */
const PROGRAMS: Readonly<
  Record<
    Rung,
    { readonly state: ProgramName; readonly retransmit: ProgramName; readonly reset?: ProgramName }
  >
> = {
  tp_btf: { state: 'stateTpBtf', retransmit: 'retransmitTpBtf' },
  raw_tp: { state: 'stateRawTp', retransmit: 'retransmitRawTp' },
  tracepoint: { state: 'stateTracepoint', retransmit: 'retransmitTracepoint', reset: 'resetTracepoint' },
}

/**
 * Milliseconds as printf(3) writes them by `%.2f`. What lies exactly between two, as 0.125 ms does, it rounds to the even
 * one, and `toFixed` up. Thousandths that a double holds exactly are eighths: those of 0.125 and 0.625 differ.
 */
function ms(us: number): string {
  return ((us % 500 === 125 ? us - 5 : us) / 1000).toFixed(2)
}

function columns(options: TcpconnlatOptions): readonly Column<ConnectEvent>[] {
  let first: number | undefined
  const sinceFirst = (timeNs: number): string => {
    first ??= timeNs
    return ((timeNs - first) / 1e9).toFixed(3)
  }
  const all: (Column<ConnectEvent> | false | undefined)[] = [
    options.timestamp && { header: 'TIME(s)', width: 9, text: (event) => sinceFirst(event.timeNs) },
    { header: 'PID', width: 6, text: (event) => String(event.pid) },
    { header: 'COMM', width: 12, cut: 12, text: (event) => event.comm },
    { header: 'IP', width: 2, text: (event) => String(event.ipVersion) },
    { header: 'SADDR', width: 16, text: (event) => event.sourceAddress },
    options.lport && { header: 'LPORT', width: 6, text: (event) => String(event.sourcePort) },
    { header: 'DADDR', width: 16, text: (event) => event.destinationAddress },
    { header: 'DPORT', width: 5, text: (event) => String(event.destinationPort) },
    { header: 'LAT(ms)', width: 9, text: (event) => ms(event.latencyUs) },
    options.wide && { header: 'OUTCOME', width: 11, text: (event) => event.outcome },
    options.wide && { header: 'CAUSE', width: 9, text: causeText },
    options.wide && {
      header: 'SRTT(ms)',
      width: 8,
      text: (event) => (event.srttUs === 0 ? '-' : ms(event.srttUs)),
    },
    options.wide && { header: 'RETRANS', width: 7, text: (event) => String(event.retransmits) },
  ]
  return all.filter((column) => typeof column === 'object')
}

/** A cause is asked for where a connect took time; how one failed says its outcome. */
function hasCause(event: ConnectEvent): boolean {
  return event.outcome === 'connected' || event.outcome === 'stuck'
}

function causeText(event: ConnectEvent): string {
  return hasCause(event) ? causeOf(event) : '-'
}

/** What the C struct says of its fields, with what is made of them in between. */
const fields: readonly Field<ConnectEvent>[] = connectEventFields.flatMap((field): Field<ConnectEvent>[] => {
  const { name, property, doc, optional } = field
  if (property === 'timeNs') return []
  const plain: Field<ConnectEvent> = {
    name,
    doc,
    value: (event) => (optional && event[property] === 0 ? undefined : event[property]),
  }
  switch (property) {
    case 'outcome':
      return [
        plain,
        {
          name: 'cause',
          doc: 'Why it took as long as it did: syn_loss, network, host, fast_open or unknown',
          value: (event) => (hasCause(event) ? causeOf(event) : undefined),
        },
      ]
    case 'errorCode':
      return [
        plain,
        {
          name: 'error',
          doc: 'The name of that error',
          value: (event) => (event.errorCode === 0 ? undefined : errnoName(event.errorCode)),
        },
      ]
    default:
      return [plain]
  }
})

/** What is known of how this kernel lays its sockets out, on a rung. */
interface Knowledge {
  /** The helper that leads from a typed socket to its TCP part: Linux 5.9. */
  readonly helper: boolean
  /** Whether the kernel's own types are there. */
  readonly btf: boolean
  /** What was learned without them. */
  readonly learned: SocketLayout
}

function knowledgeFor(rung: Rung): Knowledge {
  const btf = openKernelBtf() !== undefined
  const learned = rung === 'tracepoint' && !btf ? learnSocketLayout() : { error: undefined, srtt: undefined }
  return { helper: tcpSockHelper(rung), btf, learned }
}

function missingFields(rung: Rung, { helper, btf, learned }: Knowledge): ReadonlyMap<string, string> {
  if (rung === 'tp_btf' && !helper)
    return new Map([...NEEDS_HELPER].map((name) => [name, 'Linux 5.9, or --hook raw_tp']))
  if (rung !== 'tracepoint' || btf) return new Map()
  const missing = [
    ...NEEDS_BTF,
    ...(learned.error === undefined ? ['error_code', 'error'] : []),
    ...(learned.srtt === undefined ? ['srtt_us'] : []),
  ]
  return new Map(missing.map((name) => [name, 'a kernel with BTF']))
}

/** Fields that lie beyond struct sock, which a typed pointer reaches only through a helper. */
const NEEDS_HELPER = ['srtt_us', 'fast_open']
/** Fields that are nowhere but in the kernel's own structures, and cannot be learned. */
const NEEDS_BTF = ['fast_open', 'netns']

function tcpSockHelper(rung: Rung): boolean {
  if (rung !== 'tp_btf') return false
  const helpers = openKernelBtf()?.find('enum', 'bpf_func_id')?.type.enumerators ?? []
  return helpers.some(({ name }) => name === 'BPF_FUNC_skc_to_tcp_sock')
}

function open(options: TcpconnlatOptions, placement: Placement): Session<ConnectEvent> {
  const { rung, buffer, sizes } = placement
  const knowledge = knowledgeFor(rung)
  const missing = missingFields(rung, knowledge)
  const programs = PROGRAMS[rung]
  // Retransmissions are in the kernel's socket where that can be read; else they are counted as they happen.
  const names = [programs.state]
  if (options.failed === true || missing.size > 0) names.push(programs.retransmit)
  if (programs.reset !== undefined && missing.has('error_code')) names.push(programs.reset)
  const ports = options.port ?? []
  const load = () =>
    object.load({
      programs: names,
      constants: {
        minLatencyUs: options.minLatencyUs ?? 0,
        pid: options.pid ?? 0,
        ipVersion: options.ipv4 === true ? 4 : options.ipv6 === true ? 6 : 0,
        failures: options.failed === true,
        somePorts: ports.length > 0,
        ringBuffer: buffer === 'ringbuf',
        errorOffset: knowledge.learned.error ?? 0,
        srttOffset: knowledge.learned.srtt ?? 0,
      },
      maps: {
        starts: { entries: sizes.entries },
        events: {
          kind: buffer,
          bytes: buffer === 'perf' ? Math.min(sizes.bufferBytes, PERF_BYTES_PER_CPU) : sizes.bufferBytes,
        },
        ...(ports.length === 0 ? {} : { ports: { entries: ports.length } }),
      },
    })
  return openSession({
    placement,
    missing,
    load,
    programs: names,
    prepare: ({ maps }) => {
      for (const port of ports) maps.ports.set(port, 1)
    },
  })
}

/** How long TCP connects take, and how they end. */
export const tcpconnlat: Tool<ConnectEvent, TcpconnlatOptions> = {
  name: 'tcpconnlat',
  summary: 'Show how long TCP connects take, and which fail or hang',
  description:
    'A line for every TCP connection that a program on this host opens: the time from the first SYN to the answer, ' +
    'measured in the kernel. With -x also those that fail, and those that hang, while they hang.',
  argument: {
    name: 'MIN_MS',
    help: 'leave out what took less, milliseconds',
    option: 'minLatencyUs',
    parse: millisecondsToUs,
  },
  flags: [
    {
      name: 'timestamp',
      flags: '-t, --timestamp',
      help: 'begin with the time since the first line, seconds',
    },
    { name: 'pid', flags: '-p, --pid <PID>', help: 'only connects of this process', parse: processId },
    { name: 'lport', flags: '-L, --lport', help: 'with the local port' },
    { name: 'ipv4', flags: '-4, --ipv4', help: 'only sockets of IPv4', conflicts: ['ipv6'] },
    { name: 'ipv6', flags: '-6, --ipv6', help: 'only sockets of IPv6' },
    { name: 'port', flags: '-P, --port <PORT,…>', help: 'only connects to these ports', parse: portList },
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
  sizes: [
    { entries: 10_240, bufferBytes: 2 << 20 },
    { entries: 256, bufferBytes: 16 << 10 },
    { entries: 64, bufferBytes: 4 << 10 },
  ],
  columns,
  remark: (event, options) =>
    event.outcome === 'connected' || options.wide === true ? undefined : event.outcome,
  fields,
  timeNs: (event) => event.timeNs,
  open,
}
