import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, type Connected } from '../../../../../test/support/client.js'
import { events, Hivetap, type JsonEvent, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { FAR, NEAR, Network, networkBlockedBy } from '../../../../../test/support/network.js'
import { RUNGS } from '../tool.js'

/** A step of the ladder: what is asked for, and what stands in front of the command. */
interface Step {
  readonly name: string
  readonly args: readonly string[]
  readonly prefix: readonly string[]
}

const ANY: Step = { name: 'the best', args: [], prefix: [] }
const LADDER: readonly Step[] = [
  ...RUNGS.map((rung) => ({ name: rung, args: ['--hook', rung], prefix: [] })),
  { name: 'tracepoint on a kernel without BTF', args: [], prefix: WITHOUT_BTF },
]

const describeNetwork = networkBlockedBy() === undefined ? describeKernel : describe.skip

let network: Network
let client: Client
let run: Hivetap | undefined

beforeEach(() => {
  network = new Network('connects')
  client = new Client(network.prefix)
})

afterEach(async () => {
  client.stop()
  await run?.kill()
  run = undefined
  network.remove()
})

async function trace(step: Step = ANY): Promise<Hivetap> {
  const { pid } = await client.who()
  run = new Hivetap(['tcpconnlat', '-p', String(pid), '-v', '-x', '-o', 'json', ...step.args], step)
  return run.attached()
}

async function eventsOf(traced: Hivetap, count: number): Promise<JsonEvent[]> {
  await traced.until(({ lines }) => lines.length >= count, `${count} events`)
  expect((await traced.end()).code).toBe(0)
  return events(traced)
}

/** The smoothed round trip and the retransmissions that ss(8) shows for a connection. */
function ssOf(connected: Connected): { rttUs: number; retransmits: number } {
  const text = network.run('ss', '-tinH', `sport = :${connected.local.port}`)
  const rtt = /\brtt:([\d.]+)\//.exec(text)?.[1]
  const retransmits = /\bretrans:\d+\/(\d+)/.exec(text)?.[1] ?? '0'
  if (rtt === undefined) throw new Error(`ss shows no round trip: ${text}`)
  return { rttUs: Math.round(Number(rtt) * 1000), retransmits: Number(retransmits) }
}

for (const step of LADDER) {
  describeNetwork(`tcpconnlat by ${step.name}, over a wire`, () => {
    it('measures a far peer: latency, round trip and cause', async () => {
      await network.lay({ delayMs: 30 })
      const listener = await client.listen(NEAR)
      const traced = await trace(step)
      const made = await client.connect({ address: FAR, port: listener.port })
      const ss = ssOf(made)
      const [event] = await eventsOf(traced, 1)

      expect(event).toMatchObject({
        outcome: 'connected',
        cause: 'network',
        retransmits: 0,
        source_address: NEAR,
        destination_address: FAR,
      })
      expect(event?.['latency_us']).toBeGreaterThanOrEqual(60_000)
      expect(event?.['latency_us']).toBeLessThanOrEqual(made.tookUs)
      expect(Math.abs((event?.['srtt_us'] as number) - ss.rttUs)).toBeLessThanOrEqual(1)
    })

    it('tells a lost SYN: retransmissions and cause', async () => {
      await network.lay({ delayMs: 5, dropSyns: 1 })
      const listener = await client.listen(NEAR)
      const traced = await trace(step)
      const made = await client.connect({ address: FAR, port: listener.port })
      const ss = ssOf(made)
      const seen = await eventsOf(traced, 2)

      expect(seen.map((event) => event['outcome'])).toEqual(['stuck', 'connected'])
      expect(seen[1]).toMatchObject({ cause: 'syn_loss', retransmits: 1 })
      expect(seen[1]?.['retransmits']).toBe(ss.retransmits)
      expect(seen[1]?.['latency_us']).toBeGreaterThanOrEqual(1_000_000)
    })

    it('tells a connect that timed out', async () => {
      network.set('net.ipv4.tcp_syn_retries', '1')
      await network.lay({ delayMs: 0, dropSyns: 100 })
      const traced = await trace(step)
      const made = await client.connect({ address: FAR, port: 80 }, 'nonblocking', { waitMs: 20_000 })
      expect(made.errno).toBe(110)
      const seen = await eventsOf(traced, 2)
      expect(seen.at(-1)).toMatchObject({
        outcome: 'timed_out',
        error: 'ETIMEDOUT',
        retransmits: network.synRetransmits(),
      })
      expect(seen.at(-1)?.['latency_us']).toBeLessThanOrEqual(made.tookUs)
    })

    it('tells a host that cannot be reached', async () => {
      await network.lay({ delayMs: 1, unreachable: true })
      const traced = await trace(step)
      const made = await client.connect({ address: FAR, port: 80 })
      expect(made.errno).toBe(113)
      const seen = await eventsOf(traced, 1)
      expect(seen).toHaveLength(1)
      expect(seen[0]).toMatchObject({ outcome: 'unreachable', error: 'EHOSTUNREACH', error_code: 113 })
    })
  })
}

describeNetwork('tcpconnlat in a network of its own', () => {
  it('tells the namespace of the connect, not its own', async () => {
    const listener = await client.listen('127.0.0.1')
    const traced = await trace()
    await client.connect(listener)
    const [event] = await eventsOf(traced, 1)
    expect(event?.['netns']).toBe((await client.who()).netns)
  })

  it('tells a Fast Open connect apart, whose SYN waits for the first write', async () => {
    network.set('net.ipv4.tcp_fastopen', '3')
    await network.lay({ delayMs: 5 })
    const listener = await client.listen(NEAR, { fastOpen: true })
    const place = { address: FAR, port: listener.port }
    const traced = await trace()
    const plain = await client.connect(place)
    // The first asks for a cookie; the second has it, and sends nothing until the program writes.
    const cookie = await client.connect(place, 'nonblocking', { fastOpen: true })
    const early = await client.connect(place, 'begin', { fastOpen: true })
    expect(early.errno).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await client.ask({ op: 'send', fd: early.fd, text: 'hello' })
    const seen = await eventsOf(traced, 3)

    expect(seen.map((event) => event['fast_open'])).toEqual([false, true, true])
    expect(seen.map((event) => event['source_port'])).toEqual(
      [plain, cookie, early].map((made) => made.local.port),
    )
    expect(seen[2]?.['latency_us']).toBeGreaterThanOrEqual(300_000)
    expect(seen[2]).toMatchObject({ outcome: 'connected', cause: 'fast_open', retransmits: 0 })
  })

  it('tells a connect that the administrator took away', async () => {
    await network.lay({ delayMs: 0, dropSyns: 100 })
    const traced = await trace()
    await client.connect({ address: FAR, port: 80 }, 'begin')
    network.run('ss', '-K', 'dst', FAR)
    const seen = await eventsOf(traced, 1)
    expect(seen[0]).toMatchObject({ outcome: 'reset', error: 'ECONNABORTED' })
  })

  it('does not take a connect that sent nothing for an abandoned one', async () => {
    // One local port, taken: the second connect to the same place goes to SYN_SENT and back without a packet.
    network.set('net.ipv4.ip_local_port_range', '40000 40000')
    const listener = await client.ask<{ address: string; port: number }>({
      op: 'listen',
      place: { address: '127.0.0.1', port: 5000 },
    })
    const traced = await trace()
    const first = await client.connect(listener)
    const second = await client.connect(listener)
    expect([first.errno, second.errno]).toEqual([0, 99])
    const seen = await eventsOf(traced, 2)
    expect(seen.map((event) => event['outcome'])).toEqual(['connected', 'failed'])
  })
})
