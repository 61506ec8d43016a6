// @ts-check
/**
 * The main job, to see: `npm start`. Starts `hivetap tcpconnlat -x -w` on this process, makes connections on loopback
 * for it to show (good ones, one that is refused, one whose SYN is lost because a program does not take its connections),
 * and ends after a few seconds.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { ROOT } from './root.mjs'

const args = ['tcpconnlat', '-p', String(process.pid), '-x', '-w', '-v']
process.stdout.write(`$ npx hivetap ${args.join(' ')}\n\n`)
const tool = spawn(process.execPath, [`${ROOT}/packages/hivetap/bin/hivetap.js`, ...args], {
  stdio: ['ignore', 'inherit', 'pipe'],
})
const ended = once(tool, 'exit')
if (await attached()) {
  await makeConnections()
  tool.kill('SIGINT')
}
const [status] = await ended
if (status === 0)
  process.stdout.write(
    '\nThat was this process alone. For the whole host: npx hivetap tcpconnlat, as root.\n',
  )
process.exit(status ?? 1)

/** Whether it came so far; what it has to say is passed on. @returns {Promise<boolean>} */
function attached() {
  return new Promise((resolve) => {
    tool.stderr.setEncoding('utf8').on('data', (text) => {
      process.stderr.write(text)
      if (text.includes('attached by')) resolve(true)
    })
    void ended.then(() => resolve(false))
  })
}

async function makeConnections() {
  const server = createServer((socket) => socket.end())
  for (const address of ['127.0.0.1', '::1']) {
    server.listen(0, address)
    const listening = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ])
    if (!listening) continue
    await connectTo(portOf(server.address()), address)
    await new Promise((resolve) => server.close(resolve))
  }
  // Nobody listens on port 1.
  await connectTo(1, '127.0.0.1')
  await connectToBusyProgram()
}

/** @param {ReturnType<import('node:net').Server['address']>} address */
function portOf(address) {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** @param {number} port @param {string} address @returns {Promise<void>} */
function connectTo(port, address) {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.on('error', () => resolve()).on('close', () => resolve())
    socket.on('connect', () => socket.destroy())
  })
}

/** A program that listens, and is busy for a while: its queue fills, and the SYNs of others are dropped until it is not. */
async function connectToBusyProgram() {
  const worker = new Worker(
    `const { createServer } = require('node:net')
     const { parentPort } = require('node:worker_threads')
     const server = createServer((socket) => socket.end())
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
     })`,
    { eval: true },
  )
  const [port] = await once(worker, 'message')
  await Promise.all([1, 2, 3].map(() => connectTo(port, '127.0.0.1')))
  await worker.terminate()
}
