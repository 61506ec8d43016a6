// @ts-check
/**
 * Makes connections on loopback that a table may find hard to show: IPv6 in full length, a refused one, one that hangs, and
 * names of processes that hold spaces, digits, brackets, or nothing.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'

const NAMES = [
  'curl',
  'my app 1',
  '1234 5678',
  '[kworker/0:1]',
  '  led',
  'a',
  'name-of-15-char',
  '10.0.0.1 443',
  '-',
  '\0',
]
const LONG = '2001:db8:1111:2222:3333:4444:5555:6666'

const servers = await Promise.all(['127.0.0.1', '::1', LONG].map(listen))
const closed = await listen('127.0.0.1')
const refused = portOf(closed)
closed.close()
for (const name of NAMES) {
  // The main thread's name, by which the kernel calls who connects.
  writeFileSync('/proc/self/comm', name)
  for (const server of servers) await attempt(portOf(server), server.address().address)
  await attempt(refused, '127.0.0.1')
}
for (const server of servers) server.close()

/** @param {string} host @returns {Promise<any>} */
async function listen(host) {
  const server = createServer((socket) => socket.on('error', () => undefined).end())
  server.listen(0, host)
  await once(server, 'listening')
  return server
}

/** @param {any} server @returns {number} */
function portOf(server) {
  return server.address().port
}

/** @param {number} port @param {string} host */
async function attempt(port, host) {
  const socket = connect(port, host)
  socket.on('error', () => undefined).on('connect', () => socket.end())
  socket.resume()
  await new Promise((done) => socket.once('close', done))
}
