import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

/** Below them are those of well-known services. */
const LEAST = 10_000
const MOST_TRIES = 1000

/**
 * Ports of 127.0.0.1 that nobody had a moment ago, and that the system gives to no connection: so a broker that is stopped
 * finds its own free when it starts again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const end = firstOfConnections()
  const servers = new Map<number, Server>()
  for (let tries = 0; servers.size < count; tries++) {
    if (tries === MOST_TRIES) throw new Error(`No ${count} ports from ${LEAST} to ${end} are free`)
    const port = randomInt(LEAST, end)
    const server = await listenAt(port)
    if (server !== undefined) servers.set(port, server)
  }
  await Promise.all([...servers.values()].map((server) => once(server.close(), 'close')))
  return [...servers.keys()]
}

/** The first port that connections come from: ip(7). */
function firstOfConnections(): number {
  const [first = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/).map(Number)
  if (first <= LEAST) throw new Error(`Connections come from port ${first} on: none is left for a broker`)
  return first
}

/** `undefined` where somebody has it. */
async function listenAt(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch {
    return undefined
  }
}
