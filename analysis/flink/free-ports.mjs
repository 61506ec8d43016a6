// @ts-check
import { createServer } from 'node:net'

/**
 * Ports of 127.0.0.1 that nobody had a moment ago, as the system gives them.
 *
 * @param {number} count
 */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer())
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise((/** @type {(port: number) => void} */ resolve, reject) => {
            server.once('error', reject)
            server.listen(0, '127.0.0.1', () => {
              const address = server.address()
              resolve(typeof address === 'object' && address !== null ? address.port : 0)
            })
          }),
      ),
    )
  } finally {
    for (const server of servers) server.close()
  }
}
