import { once } from 'node:events'
import { lstat, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { printableJson } from '../../stream/printable.js'
import type { HealthRecord } from './health.js'

/** Who asks at once. */
const MOST_ASKING = 16
/** How long whoever asks has to read the answer. */
const PATIENCE_MS = 2000

/** A Unix socket that tells the health to whoever connects, and hangs up: for this user, and root. */
export class HealthSocket {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /**
   * Listens; a socket that an agent left behind is taken over.
   *
   * @throws if it cannot be had: something else is there, or another agent listens
   */
  static async open(path: string, health: () => HealthRecord): Promise<HealthSocket> {
    await removeLeftBehind(path)
    const server = createServer((socket) => {
      socket.setTimeout(PATIENCE_MS, () => socket.destroy())
      socket.on('error', () => socket.destroy())
      socket.end(`${printableJson(JSON.stringify(health()))}\n`)
      socket.resume()
    })
    server.maxConnections = MOST_ASKING
    // It must never be there with other rights: it is bound within `listen`.
    const mask = process.umask(0o177)
    try {
      server.listen(path)
    } finally {
      process.umask(mask)
    }
    await once(server, 'listening')
    server.on('error', () => undefined)
    // What ends the agent is not kept waiting by it.
    server.unref()
    return new HealthSocket(server)
  }

  /** Stops, and removes it. */
  close(): void {
    this.#server.close()
  }
}

async function removeLeftBehind(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined)
  if (there === undefined) return
  if (!there.isSocket()) throw new Error(`${path} is there, and is no socket`)
  if (await answers(path)) throw new Error(`${path} is another agent’s`)
  await unlink(path)
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
