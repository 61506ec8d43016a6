import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client, type Connected, canonical, type EndPoint } from '../../../../../test/support/client.js'
import { events, Hivetap, type JsonEvent } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { toldBalance } from '../../../../../test/support/told-balance.js'
import { BUFFERS, RUNGS } from '../tool.js'

/** A port on loopback where nobody listens. */
const NOBODY = 1

let client: Client
let run: Hivetap | undefined

beforeEach(() => {
  client = new Client()
})

afterEach(async () => {
  client.stop()
  await run?.kill()
  run = undefined
})

/** Starts hivetap on the client's process alone. */
async function trace(...args: readonly string[]): Promise<Hivetap> {
  const { pid } = await client.who()
  run = new Hivetap(['tcpconnlat', '-p', String(pid), '-v', ...args])
  return run.attached()
}

/** Waits for so many events, ends the run in order, and gives all of them. */
async function eventsOf(traced: Hivetap, count: number): Promise<JsonEvent[]> {
  await traced.until(({ lines }) => lines.length >= count, `${count} events`)
  expect(await traced.end()).toEqual({ code: 0, signal: null })
  return events(traced)
}

/** Holds an event against what the client's own socket and clock said. */
function expectEvent(
  event: JsonEvent | undefined,
  connected: Connected,
  remote: EndPoint,
  outcome: string,
): void {
  expect(event).toMatchObject({
    source_address: canonical(connected.local.address),
    source_port: connected.local.port,
    destination_address: canonical(remote.address),
    destination_port: remote.port,
    outcome,
  })
  const latency = event?.['latency_us'] as number
  expect(latency).toBeGreaterThan(0)
  expect(latency).toBeLessThanOrEqual(connected.tookUs)
}

const ADDRESSES = [
  { family: 'IPv4', address: '127.0.0.1', version: 4 },
  { family: 'IPv6', address: '::1', version: 6 },
  { family: 'IPv4 within IPv6', address: '::ffff:127.0.0.1', version: 6 },
] as const

for (const rung of RUNGS) {
  for (const buffer of BUFFERS) {
    describeKernel(`tcpconnlat by ${rung} through ${buffer}`, () => {
      it.each(ADDRESSES)(
        'tells a connect of $family, and a refused one, as the sockets have it',
        async ({ address, version }) => {
          const listener = await client.listen(address)
          const who = await client.who()
          const traced = await trace('-x', '-o', 'json', '--hook', rung, '--buffer', buffer)
          const good = await client.connect(listener)
          const refused = await client.connect({ address, port: NOBODY })
          const [first, second, ...others] = await eventsOf(traced, 2)

          expect(good.errno).toBe(0)
          expectEvent(first, good, listener, 'connected')
          expect(first).toMatchObject({
            pid: who.pid,
            tid: who.pid,
            uid: who.uid,
            netns: who.netns,
            comm: who.comm,
            ip_version: version,
          })
          expect(first).not.toHaveProperty('error')
          expect(refused.errno).toBe(111)
          expectEvent(second, refused, { address, port: NOBODY }, 'refused')
          expect(second).toMatchObject({ error_code: 111, error: 'ECONNREFUSED' })
          expect(others).toEqual([])
        },
      )
    })
  }
}

describeKernel('tcpconnlat', () => {
  it.each(['nonblocking', 'blocking', 'io_uring'] as const)('tells a %s connect once', async (how) => {
    const listener = await client.listen('127.0.0.1')
    const traced = await trace('-x', '-o', 'json')
    const made = await client.connect(listener, how)
    if (made.errno === undefined) return expect(how, 'this kernel has no io_uring').toBe('io_uring')
    const seen = await eventsOf(traced, 1)
    expectEvent(seen[0], made, listener, 'connected')
    expect(seen).toHaveLength(1)
    return undefined
  })

  it('knows the cgroup of the process', async () => {
    const listener = await client.listen('127.0.0.1')
    const { pid } = await client.who()
    const folder = join(cgroup2Mount(), `hivetap-test-${pid}`)
    mkdirSync(folder)
    try {
      writeFileSync(join(folder, 'cgroup.procs'), String(pid))
      const traced = await trace('-o', 'json')
      await client.connect(listener)
      const [event] = await eventsOf(traced, 1)
      expect(event?.['cgroup_id']).toBe(statSync(folder).ino)
    } finally {
      writeFileSync(join(cgroup2Mount(), 'cgroup.procs'), String(pid))
      rmdirSync(folder)
    }
  })

  it('drops the second socket that multipath TCP has for each connection', async () => {
    const listener = await client.listen('127.0.0.1')
    const traced = await trace('-x', '-o', 'json')
    const made = await client.connect(listener, 'nonblocking', { protocol: 'mptcp' })
    const other = await client.connect(listener)
    const seen = await eventsOf(traced, 2)
    expect(seen.map((event) => event['source_port'])).toEqual([made.local.port, other.local.port])
  })

  it('leaves failed connects out unless asked, and counts them', async () => {
    const listener = await client.listen('127.0.0.1')
    const traced = await trace('-o', 'json', '--stats')
    await client.connect({ address: '127.0.0.1', port: NOBODY })
    await client.connect(listener)
    const seen = await eventsOf(traced, 1)
    expect(seen.map((event) => event['outcome'])).toEqual(['connected'])
    const account = toldBalance(traced.stderr)
    expect(account).toMatchObject({ own: 1, told: 1, underWay: 0, lost: 0 })
    expect(account.leftOut).toBeGreaterThanOrEqual(1)
  })

  it('filters by port, family and time in the kernel', async () => {
    const four = await client.listen('127.0.0.1')
    const six = await client.listen('::1')
    const traced = await trace('-o', 'json', '-6', '-P', `${four.port},${six.port}`, '--stats')
    await client.connect(four)
    await client.connect(six)
    await client.connect(await client.listen('::1'))
    const seen = await eventsOf(traced, 1)
    expect(seen.map((event) => event['destination_port'])).toEqual([six.port])
    const account = toldBalance(traced.stderr)
    expect(account).toMatchObject({ own: 1, told: 1, underWay: 0, lost: 0 })
    expect(account.leftOut).toBeGreaterThanOrEqual(2)
  })

  it('leaves out what took less than MIN_MS', async () => {
    const listener = await client.listen('127.0.0.1')
    const traced = await trace('5000', '-x', '-o', 'json', '--stats')
    await client.connect(listener)
    await traced.end()
    expect(traced.lines).toEqual([])
    const account = toldBalance(traced.stderr)
    expect(account).toMatchObject({ own: 0, told: 0, underWay: 0, lost: 0 })
    expect(account.leftOut).toBeGreaterThanOrEqual(1)
  })

  it('tells a connect that is stuck each time its SYN is sent again, and that it was abandoned', async () => {
    const full = await fullListener(client)
    const traced = await trace('-x', '-o', 'json')
    const began = Date.now()
    const stuck = await client.connect(full, 'begin')
    expect(stuck.errno).toBe(115)
    await traced.until(({ lines }) => lines.length >= 2, 'two retransmissions')
    await client.close(stuck.fd)
    const seen = await eventsOf(traced, 3)

    expect(seen.map((event) => event['outcome'])).toEqual(['stuck', 'stuck', 'abandoned'])
    expect(seen.map((event) => event['retransmits'])).toEqual([1, 2, 2])
    for (const event of seen) {
      expect(event).toMatchObject({ source_port: stuck.local.port, destination_port: full.port })
      expect(event['latency_us']).toBeLessThanOrEqual((Date.now() - began) * 1000)
    }
    expect(seen[0]).toMatchObject({ cause: 'syn_loss' })
    // The first retransmission comes after a second: RFC 6298.
    expect(seen[0]?.['latency_us']).toBeGreaterThanOrEqual(900_000)
  })

  it('counts a connect that has not ended as under way', async () => {
    const full = await fullListener(client)
    const traced = await trace('--stats')
    await client.connect(full, 'begin')
    expect(await traced.end()).toEqual({ code: 0, signal: null })
    expect(toldBalance(traced.stderr)).toMatchObject({ own: 1, told: 0, underWay: 1, lost: 0 })
  })

  it('does not take the error of a socket’s last connection for the outcome of the next', async () => {
    // Taking a connection away leaves ECONNRESET on the socket, where it is still found when the next connect begins.
    const listener = await client.listen('127.0.0.1')
    const full = await fullListener(client)
    const traced = await trace('-x', '-o', 'json')
    const made = await client.connect(listener)
    await client.ask({ op: 'disconnect', fd: made.fd })
    await client.ask({ op: 'reconnect', fd: made.fd, place: full })
    await client.close(made.fd)
    const seen = await eventsOf(traced, 2)
    expect(seen.map((event) => event['outcome'])).toEqual(['connected', 'abandoned'])
    expect(seen[1]).not.toHaveProperty('error')
  })
})

/** A listener whose queue is full: a SYN to it is dropped, and sent again by whoever sent it. */
async function fullListener(maker: Client): Promise<EndPoint> {
  const listener = await maker.listen('127.0.0.1', { backlog: 0 })
  // A backlog of 0 has room for one; the kernel lets one more in.
  for (let filled = 0; filled < 3; filled++) {
    const made = await maker.connect(listener, 'nonblocking', { waitMs: 200 })
    if (made.errno !== 0) return listener
  }
  throw new Error('the queue does not fill')
}

/** Where cgroup version 2 is mounted. */
function cgroup2Mount(): string {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[2] === 'cgroup2')
  if (mount === undefined) throw new Error('cgroup version 2 is not mounted')
  return mount.split(' ')[1] ?? ''
}
