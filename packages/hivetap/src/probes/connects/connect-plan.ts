import { type BufferOptions, openKernelBtf } from '@hivetap/bpf'
import { type CgroupPlan, planCgroups } from '../cgroup-plan.js'
import { eventsMap } from '../events-map.js'
import type { FilterOptions } from '../filters.js'
import { canFindTask, KERNEL_TYPES, kernelNamesHelper } from '../kernel-types.js'
import type { Placement, Rung, Sizes, ToldConnects } from '../tool.js'
import { type ToolConstants, toolConstants } from '../tool-constants.js'
import type { SocketLayout } from './socket-layout/find-offsets.js'
import { learnSocketLayout } from './socket-layout/learn.js'

/** What may be asked of all tools that tell of connects. */
export interface ConnectOptions extends FilterOptions {
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly port?: readonly number[]
}

/** What a tool wants to be told, besides connects that were answered with success. */
export interface ConnectWish extends ToldConnects {
  /** That they are counted, instead: those of each local port for themselves, or together. */
  readonly counting?: { readonly bySourcePort: boolean }
}

/** The programs of connects.h. */
export type ConnectProgram =
  | 'stateTpBtf'
  | 'stateRawTp'
  | 'stateTracepoint'
  | 'retransmitTpBtf'
  | 'retransmitRawTp'
  | 'retransmitTracepoint'
  | 'resetTracepoint'

interface RungPrograms {
  /** On changes of a socket's state. */
  readonly state: ConnectProgram
  readonly retransmit: ConnectProgram
  /** On resets, where errors cannot be read. */
  readonly reset?: ConnectProgram
}

const PROGRAMS: Readonly<Record<Rung, RungPrograms>> = {
  tp_btf: { state: 'stateTpBtf', retransmit: 'retransmitTpBtf' },
  raw_tp: { state: 'stateRawTp', retransmit: 'retransmitRawTp' },
  tracepoint: { state: 'stateTracepoint', retransmit: 'retransmitTracepoint', reset: 'resetTracepoint' },
}

/** Connects followed at once, and the buffer: what is smaller is for a low limit on locked memory. */
export const CONNECT_SIZES: readonly [Sizes, ...Sizes[]] = [
  { entries: 10_240, bufferBytes: 2 << 20 },
  { entries: 256, bufferBytes: 16 << 10 },
  { entries: 64, bufferBytes: 4 << 10 },
]

/** How connects.h is loaded at a place of the ladder: what an object that is made of it is given. */
export interface ConnectPlan {
  readonly missing: ReadonlyMap<string, string>
  readonly cgroups: CgroupPlan
  readonly programs: readonly ConnectProgram[]
  readonly constants: ToolConstants &
    CgroupPlan['constants'] & {
      readonly minLatencyUs: number
      readonly ipVersion: number
      readonly failures: boolean
      readonly stuck: boolean
      readonly counting: boolean
      readonly bySourcePort: boolean
      readonly somePorts: boolean
      readonly errorOffset: number
      readonly srttOffset: number
    }
  readonly maps: CgroupPlan['maps'] & {
    readonly starts: { readonly entries: number }
    readonly events: BufferOptions
    readonly counts: { readonly entries: number }
    readonly ports?: { readonly entries: number }
  }
}

/** @throws {BpfError} where the layout of sockets has to be learned and cannot be */
export function planConnects(options: ConnectOptions, wish: ConnectWish, placement: Placement): ConnectPlan {
  const { rung, sizes } = placement
  const counting = wish.counting !== undefined
  // What is counted by, every rung knows.
  const knowledge = counting ? NOTHING_MORE : knowledgeFor(rung)
  const missing = counting ? new Map<string, string>() : missingFields(rung, knowledge)
  const { state, retransmit, reset } = PROGRAMS[rung]
  // Retransmissions are in the kernel's socket where that can be read; else they are counted as they happen.
  // Before what tells of ends, what is to have been seen by then.
  const programs = [
    ...(reset !== undefined && missing.has('error_code') ? [reset] : []),
    ...(wish.stuck || missing.size > 0 ? [retransmit] : []),
    state,
  ]
  const ports = options.port ?? []
  const typedTask = rung === 'tp_btf' && canFindTask()
  // What is counted has no process.
  const cgroups = planCgroups(options, placement, { typedTask, hooks: counting ? 0 : 1 })
  return {
    missing,
    cgroups,
    programs,
    constants: {
      ...toolConstants(options, placement),
      ...cgroups.constants,
      minLatencyUs: wish.minLatencyUs ?? 0,
      ipVersion: options.ipv4 === true ? 4 : options.ipv6 === true ? 6 : 0,
      failures: wish.failures,
      stuck: wish.stuck,
      counting,
      bySourcePort: wish.counting?.bySourcePort === true,
      somePorts: ports.length > 0,
      errorOffset: knowledge.learned.error ?? 0,
      srttOffset: knowledge.learned.srtt ?? 0,
    },
    maps: {
      ...cgroups.maps,
      starts: { entries: sizes.entries },
      events: eventsMap(placement),
      counts: { entries: sizes.entries },
      ...(ports.length === 0 ? {} : { ports: { entries: ports.length } }),
    },
  }
}

/** What is known of how this kernel lays its sockets out, on a rung. */
interface Knowledge {
  /** The helper that leads from a typed socket to its TCP part: Linux 5.9. */
  readonly helper: boolean
  /** Whether the kernel's own types are there. */
  readonly btf: boolean
  /** What was learned without them. */
  readonly learned: SocketLayout
}

const NOTHING_MORE: Knowledge = {
  helper: false,
  btf: false,
  learned: { error: undefined, srtt: undefined },
}

function knowledgeFor(rung: Rung): Knowledge {
  const btf = openKernelBtf() !== undefined
  const learned = rung === 'tracepoint' && !btf ? learnSocketLayout() : { error: undefined, srtt: undefined }
  const helper = rung === 'tp_btf' && kernelNamesHelper('BPF_FUNC_skc_to_tcp_sock')
  return { helper, btf, learned }
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
  return new Map(missing.map((name) => [name, KERNEL_TYPES]))
}

/** Fields that lie beyond struct sock, which a typed pointer reaches only through a helper. */
const NEEDS_HELPER = ['srtt_us', 'fast_open']
/** Fields that are nowhere but in the kernel's own structures, and cannot be learned. */
const NEEDS_BTF = ['fast_open', 'netns']
