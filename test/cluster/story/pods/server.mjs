// @ts-check
/**
 * A server that can be told to accept nothing for a while: `stall MS`, a line. While its queue of connections is full its
 * kernel drops SYNs, as that of an overloaded service does: connects become slow, on any cluster, without any right.
 */
import { createServer } from 'node:net'

const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.setEncoding('utf8').on('data', (text) => {
    const [, ms] = /^stall (\d+)\n$/.exec(String(text)) ?? []
    if (ms === undefined) return void socket.end()
    // Its client knows from the answer that it is accepted; what comes after waits.
    socket.end('ok\n', () => stall(Number(ms)))
  })
})
server.listen({ host: '::', port: Number(process.env['PORT']), backlog: 1 }, () =>
  process.stdout.write('listens\n'),
)
process.on('SIGTERM', () => process.exit(0))

/** @param {number} ms */
function stall(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
