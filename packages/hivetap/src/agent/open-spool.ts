import type { DiskFault } from '../spool/disk/disk-faults.js'
import type { DiskSpool, DiskSpoolOptions } from '../spool/disk-spool.js'
import { MemorySpool } from '../spool/memory-spool.js'
import type { Spool } from '../spool/spool.js'
import type { AgentLog, SpoolConfig } from './agent.js'
import { AgentError } from './agent-error.js'
import { DiskWatch } from './disk-watch.js'

/** How much time a host that loses power takes with it, where batches are brought to the disk now and then. */
const FSYNC_INTERVAL_MS = 1000

/** A spool, and who says what its disk does. */
export interface OpenSpool {
  readonly spool: Spool
  readonly watch: DiskWatch | undefined
  /** What of its disk fails, or has failed. */
  faults(): readonly DiskFault[]
}

/**
 * Opens the spool of an agent, and says what was found there.
 *
 * @param readers names of the sinks
 * @throws if it cannot be opened: another agent has it, or the directory cannot be written
 */
export async function openSpool(
  config: SpoolConfig,
  readers: readonly string[],
  log: AgentLog,
): Promise<OpenSpool> {
  const { dir, maxBytes, maxAgeMs, policy, segmentBytes, fsync } = config
  const options = { maxBytes, maxAgeMs, policy, readers }
  if (dir === undefined) {
    log.warn(
      'the spool is in memory: what is in it when the agent ends, is lost. spool.dir keeps it on disk',
      {
        max_bytes: maxBytes,
      },
    )
    return { spool: new MemorySpool(options), watch: undefined, faults: () => [] }
  }
  const spool = await openOnDisk({ ...options, dir, segmentBytes, fsync, fsyncIntervalMs: FSYNC_INTERVAL_MS })
  const { tornBytes, unreadableBytes, stateLost, forgottenReaders } = spool.recovered
  const found = { dir, held_bytes: spool.counters.heldBytes }
  if (tornBytes > 0) log.info('spool: an unfinished write at the end was cut', { ...found, bytes: tornBytes })
  if (unreadableBytes > 0)
    log.error('spool: a part at the end cannot be read', { ...found, bytes: unreadableBytes })
  if (stateLost)
    log.warn('spool: what sinks had acknowledged cannot be read: they get again what is held', found)
  if (forgottenReaders.length > 0)
    log.warn('spool: sinks that are not configured any more are forgotten', { sinks: forgottenReaders })
  log.info('spool is open', found)
  return { spool, watch: new DiskWatch(spool, log.with({ dir })), faults: () => spool.faults }
}

async function openOnDisk(options: DiskSpoolOptions): Promise<DiskSpool> {
  const { openDiskSpool } = await import('../spool/disk-spool.js')
  try {
    return openDiskSpool(options)
  } catch (error) {
    // What the operating system says may not name the directory.
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new AgentError(
      `Cannot open the spool in ${options.dir}: ${error.message}. See that its disk works and is not full, and that this process may read and write there. What is in it stays there.`,
      { cause: error },
    )
  }
}
