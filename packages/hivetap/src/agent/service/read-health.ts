import { once } from 'node:events'
import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { monotonicNs } from '@hivetap/bpf'
import { errorText } from '../log/error-text.js'
import { HEALTH_STALE_MS, type HealthRecord } from './health.js'
import { otherText } from './summaries-health.js'

/** An account of health is some kilobytes. */
const MOST_BYTES = 1 << 20
const PATIENCE_MS = 3000

/** What a probe learns. */
export interface HealthAnswer {
  readonly healthy: boolean
  /** In a line: how it does, or why that cannot be told. */
  readonly text: string
  /** What the agent told of itself, also where it is too old; absent where nothing that can be read is there. */
  readonly record?: HealthRecord
}

/** Asks a file or a socket how its agent does. What cannot be told is not healthy; nothing is thrown. */
export async function readHealth(path: string): Promise<HealthAnswer> {
  try {
    const isSocket = (await stat(path)).isSocket()
    return judge(JSON.parse(await (isSocket ? askSocket(path) : readFile(path))) as HealthRecord)
  } catch (error) {
    return { healthy: false, text: reasonOf(error, path) }
  }
}

function judge(record: HealthRecord): HealthAnswer {
  const { healthy, degraded, reasons, node, pid, monotonic_ms, state } = record
  if (typeof healthy !== 'boolean' || typeof monotonic_ms !== 'number' || !Array.isArray(reasons))
    return { healthy: false, text: 'what is there is no account of health' }
  const age = Number(monotonicNs() / 1_000_000n) - monotonic_ms
  if (age < 0) return { healthy: false, text: 'its last account is of before this host was started', record }
  if (age > HEALTH_STALE_MS)
    return {
      healthy: false,
      text: `its last account is ${Math.round(age / 1000)} seconds old: it hangs, or is gone`,
      record,
    }
  const who = `agent of ${node}, process ${pid}`
  const how = healthy ? (degraded === true ? 'degraded' : 'healthy') : 'not healthy'
  return { healthy, text: [`${how}: ${who}`, ...otherText(state), ...reasons].join('; '), record }
}

async function readFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function askSocket(path: string): Promise<string> {
  const socket = connect(path)
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.length > MOST_BYTES) socket.destroy(new Error('it says too much'))
    })
    await once(socket, 'end', { signal })
    return text
  } finally {
    socket.destroy()
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there: no agent tells its health there, or it is not ready',
  ECONNREFUSED: 'is a socket that nobody listens at: the agent is gone',
  EACCES: 'cannot be read by this user',
  ABORT_ERR: `does not answer within ${PATIENCE_MS / 1000} seconds`,
}

function reasonOf(error: unknown, path: string): string {
  if (error instanceof SyntaxError) return `${path} is no account of health`
  const { code = '' } = error as NodeJS.ErrnoException
  return `${path} ${REASONS[code] ?? `cannot be read: ${errorText(error)}`}`
}
