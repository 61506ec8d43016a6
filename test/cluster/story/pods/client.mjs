// @ts-check
/**
 * What a pod does and says of itself, a line of JSON at its end: the source that hivetap is held against.
 *
 *   slow HOST PORT      makes the server stall, fills its queue, and measures a connect to it
 *   refused HOST PORT   a connect to a port where nobody listens
 *   steady HOST PORT    connects until standard input ends
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const STALL_MS = 1500
/** Of `listen` with a backlog of 1 Linux keeps two. */
const QUEUE = 2

const [what = '', host = '', port = ''] = process.argv.slice(2)
const place = { host, port: Number(port) }
/** @type {Readonly<Record<string, () => Promise<object>>>} */
const deeds = { slow, refused, steady }
const told = await deeds[what]?.()
process.stdout.write(`${JSON.stringify({ ...whoAmI(), ...told })}\n`)
process.exit(0)

async function slow() {
  const order = connect(place).setEncoding('utf8')
  order.write(`stall ${STALL_MS}\n`)
  await new Promise((resolve, reject) => order.once('data', resolve).once('error', reject))
  await ended(order)
  const before = synRetransmits()
  for (let count = 0; count < QUEUE; count++) await measured()
  const { latencyUs, localPort } = await measured()
  return { latencyUs, localPort, retransmits: synRetransmits() - before }
}

async function refused() {
  const socket = connect(place)
  const error = await new Promise((resolve) => socket.once('error', resolve))
  return { error: /** @type {NodeJS.ErrnoException} */ (error).code }
}

async function steady() {
  const localPorts = []
  let isOver = false
  process.stdin.on('end', () => {
    isOver = true
  })
  process.stdin.resume()
  process.stderr.write('connects\n')
  while (!isOver) {
    const { socket, localPort } = await measured()
    localPorts.push(localPort)
    socket.destroy()
    await sleep(20)
  }
  return { localPorts }
}

async function measured() {
  const start = process.hrtime.bigint()
  const socket = connect(place)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const latencyUs = Number((process.hrtime.bigint() - start) / 1000n)
  return { socket, latencyUs, localPort: socket.localPort ?? 0 }
}

/** @param {import('node:net').Socket} socket */
async function ended(socket) {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
}

/** SYNs that were sent again in this pod, as its kernel counts them. */
function synRetransmits() {
  const [names = [], values = []] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  return Number(values[names.indexOf('TCPSynRetrans')])
}

function whoAmI() {
  return {
    netns: Number(/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0]),
    comm: readFileSync('/proc/thread-self/comm', 'utf8').trim(),
    uid: process.getuid?.(),
  }
}
