import { setTimeout as sleep } from 'node:timers/promises'
import type { JobReading } from '../job-manager-api.mjs'
import type { SessionCluster } from '../session-cluster.mjs'

const PATIENCE_MS = 900_000

/**
 * Waits until a job is as it should be.
 *
 * @throws {Error} with what Flink says, if it fails, or does not come to that
 */
export async function untilJob(
  { api }: Pick<SessionCluster, 'api'>,
  job: string,
  isSo: (reading: JobReading) => boolean,
): Promise<JobReading> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    // Between two TaskManagers some numbers are nobody's.
    const reading = await api.job(job).catch(() => undefined)
    if (reading !== undefined && isSo(reading)) return reading
    if (reading?.state === 'FAILED' || Date.now() > end)
      throw new Error(`The job is ${reading?.state}: ${JSON.stringify(reading)}\n${await api.failure(job)}`)
    await sleep(1000)
  }
}
