import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BpfError, NotPermittedError, openPinnedRecords } from '@hivetap/bpf'
import { holdDirectory, PinsHeldError } from './hold-directory.js'
import { placesOf, RUN, UNFINISHED } from './places.js'
import { openProgress } from './progress.js'
import { type RunRecord, readRecord } from './record.js'

/** What was removed. */
export interface RemovedPins {
  /** Tools that were attached; `undefined` if what was there could not be read. */
  readonly tools: readonly string[] | undefined
  readonly epoch: string | undefined
  /** When they were attached: milliseconds since 1970, UTC. */
  readonly since: number | undefined
  /** Records in the buffer that nobody had read, or had read and not released; `undefined` if it could not be read. */
  readonly unread: number | undefined
  /** The process that held it, and goes on by itself. */
  readonly holder: number | undefined
}

/**
 * Removes all that is pinned in a directory, and the directory itself: the programs are detached.
 *
 * @param force also while another process uses it: that goes on, until it ends, with what it has open
 * @returns what was there; `undefined` if nothing was
 * @throws {PinsHeldError} while another process uses it, without `force`
 * @throws {UnsupportedError} if it is not on a bpffs; {NotPermittedError} if it may not be removed
 */
export function removePins(directory: string, { force = false } = {}): RemovedPins | undefined {
  try {
    return statSync(directory, { throwIfNoEntry: false }) === undefined
      ? undefined
      : removeThere(directory, force)
  } catch (error) {
    throw refusal(directory, error) ?? error
  }
}

/** The error for what of files is not permitted. */
function refusal(directory: string, cause: unknown): NotPermittedError | undefined {
  const { code: name = '', errno = 0 } = cause as NodeJS.ErrnoException
  if (name !== 'EACCES' && name !== 'EPERM') return undefined
  return new NotPermittedError(
    `Cannot remove what is pinned at ${directory}: ${name}`,
    { number: Math.abs(errno), name },
    { cause, needs: 'capabilities', hint: 'It takes the rights of who pinned it: run it as root.' },
  )
}

function removeThere(directory: string, force: boolean): RemovedPins | undefined {
  const held = hold(directory, force)
  try {
    const there = [RUN, UNFINISHED].some((name) => existsSync(join(directory, name)))
    const found = there ? { ...describeRun(directory), holder: held.holder } : undefined
    removeRun(directory)
    return found
  } finally {
    held.close()
  }
}

function hold(directory: string, force: boolean): { holder: number | undefined; close(): void } {
  try {
    const lock = holdDirectory(directory)
    return { holder: undefined, close: () => lock.close() }
  } catch (error) {
    if (!(error instanceof PinsHeldError) || !force) throw error
    return { holder: error.holder, close: () => {} }
  }
}

function describeRun(directory: string): Omit<RemovedPins, 'holder'> {
  const places = placesOf(join(directory, RUN))
  const record = attempt((): RunRecord => readRecord(places.agent))
  return {
    tools: record?.tools.map(({ name }) => name),
    epoch: record?.epoch,
    since: record?.since,
    unread: attempt(() => countUnread(places)),
  }
}

function countUnread({ events, progress }: ReturnType<typeof placesOf>): number {
  using shared = openPinnedRecords(events)
  const records = shared.retainedRecords({ size: 0, read: () => true })
  using map = openProgress(progress)
  const { position = 0n } = map.get(0) ?? {}
  if (position > records.position) records.seek(position)
  const before = records.received
  // Programs may write meanwhile: no more than fits is counted.
  records.drain(() => {}, shared.spec.maxEntries / 8)
  return records.received - before
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof BpfError) return undefined
    throw error
  }
}

/** Removes what is pinned, links first: then nothing is told any more of what is half there. The directory too, if it can be. */
export function removeRun(directory: string): void {
  for (const name of [RUN, UNFINISHED]) {
    removeLinks(directory, name)
    rmSync(join(directory, name), { recursive: true, force: true })
  }
  try {
    rmdirSync(directory)
  } catch (error) {
    // A bpffs may be mounted there, or somebody else have put something into it.
    if (!['EBUSY', 'ENOTEMPTY', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
  }
}

/** Removes the pins of all links, whatever else is there: their programs are detached, but for those that are open. */
export function removeLinks(directory: string, name: string): void {
  for (const link of linksBelow(join(directory, name))) rmSync(link, { force: true })
}

function linksBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return []
    const tool = join(folder, entry.name)
    return readdirSync(tool).flatMap((name) => (name.startsWith('link_') ? [join(tool, name)] : []))
  })
}
