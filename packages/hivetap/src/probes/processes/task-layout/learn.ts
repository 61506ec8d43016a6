import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { type ChildSample, findComm, findMembers, type OwnSample } from './find-members.js'
import { findMm, type MmSample, mmCandidates } from './find-mm.js'
import { Observer } from './observer.js'
import { argumentBounds, threadName } from './own-thread.js'
import type { Sample } from './task-layout.bpf.js'
import { isInOrder, type TaskLayout, UNKNOWN_LAYOUT } from './task-layout.js'

/** As much of what a pointer points to as is looked through: below it lies `arg_start`, on Linux 4.19 to 7.2. */
const MM_BYTES = 1536

/** What can be started but not run, on every host: the child gives up, with the status that libuv chose for that. */
const NOT_A_PROGRAM = '/dev/null'
const NOT_RUN = 127
/** Node's status for an option that it does not know; it is killed before it comes to that, unless it is very quick. */
const BAD_OPTION = '--hivetap-ends-here'

/** Three children: each was made at a time of its own, and they end in two ways. */
const CHILDREN = [endUnrun, endKilled, endUnrun]

let learned: TaskLayout | undefined

/**
 * Learns where this kernel keeps what of a process its tracepoints do not tell, for kernels that have no BTF: by a thread and
 * children of our own, of which we know what must stand in their tasks. It takes some tens of milliseconds, once. Meanwhile
 * the calling thread bears a name by which its programs know it.
 *
 * Linux 4.17.
 *
 * @returns what was found; nothing where /proc cannot be written
 * @throws {BpfError} if the programs that look at them cannot be loaded or attached
 */
export function learnTaskLayout(): TaskLayout {
  learned ??= learn()
  return learned
}

function learn(): TaskLayout {
  const name = threadName()
  const bounds = argumentBounds()
  if (name === undefined || bounds === undefined) return UNKNOWN_LAYOUT
  using observer = new Observer(name)
  const first = observer.identify()
  if (first === undefined) return UNKNOWN_LAYOUT
  const mm = findMm(samplePointers(observer, first), bounds)
  const { own, children } = sampleChildren(observer, name)
  const layout = { ...mm, ...findMembers([first, ...own], children) }
  return isInOrder(layout) ? layout : UNKNOWN_LAYOUT
}

/** Looks behind every place of the task that may be the pointer to its memory. */
function samplePointers(observer: Observer, own: Sample & OwnSample): MmSample[] {
  const comm = findComm([own])
  if (comm === undefined) return []
  return mmCandidates(own.task, own.bytes, comm).flatMap(({ at, address }) => {
    const seen = observer.look(address)
    return seen === undefined ? [] : [{ at, bytes: seen.bytes.subarray(0, MM_BYTES) }]
  })
}

/** Makes children, one after the other, and looks at the thread before each and at each at its end. */
function sampleChildren(observer: Observer, name: Uint8Array): { own: OwnSample[]; children: ChildSample[] } {
  const own: OwnSample[] = []
  const children: ChildSample[] = []
  for (const end of CHILDREN) {
    const parent = observer.look()
    if (parent === undefined) continue
    own.push({ ...parent, name })
    const exitCode = end()
    const child = observer.child()
    if (child === undefined) continue
    children.push({
      ...child,
      exitCode,
      parent: parent.task,
      bornAfter: parent.time,
      bornBefore: child.time,
    })
  }
  return { own, children }
}

/** @returns what such a child ends with, as wait(2) tells it */
function endUnrun(): number {
  spawnSync(NOT_A_PROGRAM, { stdio: 'ignore', env: {} })
  return NOT_RUN << 8
}

function endKilled(): number {
  const { status, signal } = spawnSync(process.execPath, [BAD_OPTION], {
    stdio: 'ignore',
    env: {},
    timeout: 1,
    killSignal: 'SIGKILL',
  })
  if (signal !== null) return constants.signals[signal]
  return (status ?? NOT_RUN) << 8
}
