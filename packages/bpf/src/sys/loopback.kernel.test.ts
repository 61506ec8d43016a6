import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { LoopbackSocket } from './loopback.js'

const ECONNREFUSED = 111
const LISTEN = '0A'
const ESTABLISHED = '01'

/** States of the sockets on 127.0.0.1 with a local port: proc_pid_net(5), /proc/net/tcp. */
function statesOf(port: number): string[] {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .filter(([, local]) => local === place)
    .map(([, , , state = '']) => state)
}

describeKernel('LoopbackSocket', () => {
  it('listens on a port of 127.0.0.1, and connects to it', () => {
    using listener = new LoopbackSocket()
    const port = listener.bind(true)
    expect(statesOf(port)).toEqual([LISTEN])
    using client = new LoopbackSocket()
    expect(client.connect(port)).toBe(0)
    expect(statesOf(client.localPort())).toEqual([ESTABLISHED])
    expect(statesOf(port)).toContain(ESTABLISHED)
  })

  it('is refused by a port that is bound and not listened on', () => {
    using bound = new LoopbackSocket()
    const port = bound.bind(false)
    using client = new LoopbackSocket()
    expect(client.connect(port)).toBe(-ECONNREFUSED)
    expect(statesOf(port)).not.toContain(LISTEN)
  })

  it('is gone when it is closed', () => {
    const listener = new LoopbackSocket()
    const port = listener.bind(true)
    listener.close()
    expect(statesOf(port)).toEqual([])
    expect(() => listener.localPort()).toThrow('Cannot use socket: it is closed')
  })

  it('is bound once', () => {
    using listener = new LoopbackSocket()
    listener.bind(true)
    expect(() => listener.bind(true)).toThrow('Cannot bind a socket to loopback: EINVAL')
  })

  it.skipIf(!hasCommand('ss'))('knows the round trip as ss(8) tells it', ({ skip }) => {
    using listener = new LoopbackSocket()
    using client = new LoopbackSocket()
    client.connect(listener.bind(true))
    const port = client.localPort()
    const told = execFileSync('ss', ['-tniH', 'sport', '=', `:${port}`], { encoding: 'utf8' })
    const milliseconds = /\brtt:([\d.]+)\//.exec(told)?.[1]
    if (milliseconds === undefined) return skip('the kernel does not tell ss: it has no INET_DIAG')
    expect(client.rttUs()).toBe(Math.round(Number(milliseconds) * 1000))
    expect(client.rttUs()).toBeGreaterThan(0)
  })
})
