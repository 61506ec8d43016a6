// @ts-check
/**
 * Connects to the addresses that it is told, a line of JSON a second on standard input, spread over that second. It is alone in a
 * network in which it is everybody: start it by {@link ARGS}.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const PORT = 8080
let made = 0
const server = createServer((socket) => socket.resume().on('error', () => undefined))
server.listen(PORT, '0.0.0.0')
await once(server, 'listening')
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  /** @type {string[]} */
  const addresses = JSON.parse(line)
  for (const [at, address] of addresses.entries())
    setTimeout(() => visit(address), (at * 1000) / addresses.length)
}
await new Promise((resolve) => setTimeout(resolve, 1500))
process.stdout.write(`${JSON.stringify({ made })}\n`)
server.close()

/** @param {string} address */
function visit(address) {
  const socket = connect(PORT, address)
  socket.on('connect', () => {
    made++
    socket.resetAndDestroy()
  })
  socket.on('error', (error) => process.stderr.write(`${error}\n`))
}
