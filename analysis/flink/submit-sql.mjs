// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the machine is busy, planning alone takes minutes. */
const TIMEOUT_MS = 900_000

/**
 * Has Flink's SQL client submit a script, and waits until the cluster has taken the job.
 *
 * @param {() => import('./flink-process.mjs').FlinkProcess} startClient
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} the job's id
 * @throws {Error} with what Flink says of the SQL
 */
export async function submitSql(startClient, signal) {
  const client = startClient()
  try {
    const until = Date.now() + TIMEOUT_MS
    while (client.isRunning) {
      signal?.throwIfAborted()
      if (Date.now() > until) throw new Error(`Flink did not take the job in time:\n${client.logTail}`)
      await sleep(200)
    }
    const job = /^Job ID: ([0-9a-f]{32})/m.exec(client.log)?.[1]
    if (job === undefined) throw new Error(`Flink did not take the job:\n${reasonIn(client.log)}`)
    return job
  } finally {
    await client.kill()
  }
}

/**
 * What Flink's SQL client says is wrong, without the stacks around it; all of the end, where it does not say it.
 *
 * @param {string} log
 */
function reasonIn(log) {
  const plain = log.replace(/\u001b\[[0-9;]*m/g, '')
  const at = plain.lastIndexOf('[ERROR]')
  return (at === -1 ? plain.slice(-4000) : plain.slice(at, at + 4000)).trim()
}
