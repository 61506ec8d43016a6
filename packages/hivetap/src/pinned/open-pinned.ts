import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  BpfError,
  type FileLock,
  InvalidSpecError,
  openPinnedRecords,
  ringBufferSize,
  type SharedRecords,
} from '@hivetap/bpf'
import { BUFFER_BYTES, SharedDecoder } from '../probes/shared-events.js'
import type { AnyTool } from '../probes/tool.js'
import { TOOLS } from '../probes/tools.js'
import { buildRun, type HowOpened, type WantedTool } from './build-run.js'
import { type FoundTool, findRetired, findTool } from './find-tool.js'
import { holdDirectory } from './hold-directory.js'
import { Owned } from './owned.js'
import { PinnedRun, type RunState } from './pinned-run.js'
import { PIN_DIRECTORY, placesOf, RUN, UNFINISHED } from './places.js'
import { openProgress } from './progress.js'
import { type RunRecord, readRecord } from './record.js'
import { removeLinks, removeRun } from './remove-run.js'

/** Where and how tools are kept. */
export interface PinOptions {
  /** A directory on a bpffs, `/sys/fs/bpf/hivetap` unless told: made if it is not there, in one that is. */
  readonly directory?: string
  /** Of the hivetap that attaches them, for people. */
  readonly version: string
  /** Bytes of the ring buffer, 2 MiB unless told. */
  readonly bufferBytes?: number
  /**
   * Called with the epoch before anything is attached for a new one: whoever keeps what it tells knows of it then, also if this
   * process is killed a moment later. What it returns is called if nothing could be attached.
   */
  readonly begins?: (epoch: string) => () => void
}

/**
 * Attaches tools so that they live on when this process ends, or goes on with those that an earlier one attached: if they are
 * the same, in the same order, of the same object files, with the same options and the same buffer. If they are others, the
 * run is `retired`: it is to be read to its end, accounted for and removed, and then this is called again.
 *
 * The directory is held for this process alone until the run is closed, or the process ends.
 *
 * @throws {PinsHeldError} if another process holds it
 * @throws {UnsupportedError} if no bpffs is there, or the kernel has no ring buffer
 * @throws {NoRungError} if a tool cannot be had, or not so that it can be pinned
 * @throws {InvalidSpecError} if what is there is not of hivetap, or too damaged to be read: `removePins` removes it
 * @throws {BpfError}, or Node's own error of a file
 */
export function openPinned(wanted: readonly WantedTool[], options: PinOptions): PinnedRun {
  const { directory = PIN_DIRECTORY, version, bufferBytes = BUFFER_BYTES, begins } = options
  if (new Set(wanted.map(({ tool }) => tool.name)).size < wanted.length || wanted.length === 0)
    throw new InvalidSpecError('Tools are kept by their names: each once, and one at least')
  const lock = holdDirectory(directory)
  try {
    rmSync(join(directory, UNFINISHED), { recursive: true, force: true })
    const folder = join(directory, RUN)
    let opened: HowOpened[] | undefined
    if (!existsSync(folder)) {
      const shape = { epoch: randomUUID(), since: Date.now(), version, bufferBytes, begins }
      opened = buildRun(directory, wanted, shape)
    }
    return openRun(directory, wanted, { bufferBytes, opened, lock })
  } catch (error) {
    lock.close()
    throw error
  }
}

interface How {
  readonly bufferBytes: number
  readonly opened: HowOpened[] | undefined
  readonly lock: FileLock
}

function openRun(directory: string, wanted: readonly WantedTool[], how: How): PinnedRun {
  const places = placesOf(join(directory, RUN))
  const record = readable(directory, () => readRecord(places.agent))
  const owned = new Owned()
  const close = () => {
    owned.close()
    how.lock.close()
  }
  try {
    const shared = owned.own(readable(directory, () => openPinnedRecords(places.events)))
    const progress = owned.own(readable(directory, () => openProgress(places.progress)))
    // What was pinned by a hivetap of before has none.
    const intended = existsSync(places.intended)
      ? owned.own(readable(directory, () => openProgress(places.intended)))
      : undefined
    const { tools, state, reason } = findTools(record, wanted, { places, shared, how })
    for (const { parts } of tools) if (parts !== undefined) owned.own(parts)
    const decoder = new SharedDecoder(tools.map(({ tool }) => tool ?? UNREADABLE))
    const records = shared.retainedRecords(decoder)
    const { epoch, since } = record
    const parts = {
      ...{ state, reason, epoch, since, tools, records, decoder, progress, intended, close },
      opened: how.opened,
      // Removed by force, another process may have begun anew there: what is there then is not this run.
      unlink: () => how.lock.current && removeLinks(directory, RUN),
      remove: () => how.lock.current && removeRun(directory),
    }
    // Its account may belong to another buffer.
    return readable(directory, () => new PinnedRun(parts))
  } catch (error) {
    owned.close()
    throw error
  }
}

/** Events of a tool that another hivetap attached: that one came is known, not what it says. */
const UNREADABLE: Pick<AnyTool, 'decoder'> = { decoder: { size: 0, read: () => undefined } }

interface Places {
  readonly places: ReturnType<typeof placesOf>
  readonly shared: SharedRecords
  readonly how: How
}

interface Found {
  readonly tools: readonly FoundTool[]
  readonly state: RunState
  readonly reason?: string
}

function findTools(record: RunRecord, wanted: readonly WantedTool[], { places, shared, how }: Places): Found {
  const at = (name: string, toolIndex: number) => ({ places: places.tool(name), shared, toolIndex })
  const found: FoundTool[] = []
  try {
    checkShape(record, wanted, shared, how.bufferBytes)
    for (const [index, kept] of record.tools.entries())
      found.push(findTool(wanted[index] as WantedTool, kept, at(kept.name, index)))
    return { tools: found, state: how.opened === undefined ? 'adopted' : 'new' }
  } catch (error) {
    for (const { parts } of found) parts?.close()
    // What was attached a moment ago by this process is not another's: what cannot be had then is an error.
    if (!(error instanceof BpfError) || how.opened !== undefined) throw error
    const tools = record.tools.map((kept, index) => findRetired(kept, TOOLS, at(kept.name, index)))
    return { tools, state: 'retired', reason: error.message }
  }
}

function checkShape(
  record: RunRecord,
  wanted: readonly WantedTool[],
  shared: SharedRecords,
  bufferBytes: number,
): void {
  const names = (tools: readonly string[]) => tools.join(', ')
  const [kept, asked] = [
    names(record.tools.map(({ name }) => name)),
    names(wanted.map(({ tool }) => tool.name)),
  ]
  if (kept !== asked) throw new InvalidSpecError(`${kept} are attached, and ${asked} were asked for`)
  if (shared.spec.maxEntries !== ringBufferSize(bufferBytes))
    throw new InvalidSpecError(
      `The buffer has ${shared.spec.maxEntries} bytes, and ${bufferBytes} were asked for`,
    )
}

/** What it says of what is there and cannot be read, with what to do. */
function readable<T>(directory: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof BpfError) || (cause.code !== 'invalid_spec' && cause.code !== 'not_found'))
      throw cause
    throw new InvalidSpecError(`Cannot go on with what is pinned at ${directory}: ${cause.message}`, {
      cause,
      hint: `hivetap unpin --directory ${directory} removes it.`,
    })
  }
}
