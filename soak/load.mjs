// @ts-check
/**
 * Connects and execs at a steady rate, until a line comes on standard input; then tells how many were made, as JSON. Half of the
 * connects are accepted, half are refused. What is connected is reset: no port is left waiting.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const EVERY_MS = 100
const CONNECTS = 20
const EXECS = 5
/** Programs that may run at once: a host that is slower than the rate is not buried. */
const MOST_AT_ONCE = 50

const made = { connects: 0, execs: 0, skipped: 0 }
/** @type {Set<Promise<unknown>>} */
const open = new Set()

const server = createServer((socket) => socket.on('error', () => {}).resume())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

/** @param {Promise<unknown>} promise */
function keep(promise) {
  const kept = promise.finally(() => open.delete(kept))
  open.add(kept)
}

/** @param {number} to */
function connectOnce(to) {
  made.connects++
  const socket = connect({ host: '127.0.0.1', port: to })
  socket.on('connect', () => socket.resetAndDestroy()).on('error', () => {})
  keep(new Promise((resolve) => socket.on('close', resolve)))
}

function execOnce() {
  made.execs++
  keep(once(spawn('/bin/true', { stdio: 'ignore' }), 'exit'))
}

const timer = setInterval(() => {
  if (open.size > MOST_AT_ONCE) {
    made.skipped++
    return
  }
  // Nobody listens on port 1.
  for (let i = 0; i < CONNECTS; i++) connectOnce(i % 2 === 0 ? port : 1)
  for (let i = 0; i < EXECS; i++) execOnce()
}, EVERY_MS)

await once(process.stdin, 'data')
clearInterval(timer)
await Promise.all(open)
server.close()
process.stdin.destroy()
process.stdout.write(`${JSON.stringify(made)}\n`)
