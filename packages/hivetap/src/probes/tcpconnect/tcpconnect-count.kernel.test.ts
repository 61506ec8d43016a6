import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client, canonical, type EndPoint } from '../../../../../test/support/client.js'
import { events, Hivetap, type JsonEvent, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { restrictKernel } from '../../../../../test/support/older-kernel.js'
import { LINUX_4_19 } from '../../../../../test/support/older-kernel-names.mjs'
import { printf } from '../../../../../test/support/printf.js'
import { forgetFeatures } from '../../../../bpf/src/features/feature.js'
import { interposeBpf } from '../../../../bpf/src/sys/bpf.js'
import type { ConnectKey } from '../connects/connect-event.js'
import type { CountSession } from '../counting.js'
import { type Placement, RUNGS } from '../tool.js'
import { connectCounting } from './connect-counting.js'
import { tcpconnect } from './tcpconnect.bpf.js'

/** Ports on loopback where nobody listens. */
const NOBODY = 1
const ADDRESSES = [
  { address: '127.0.0.1', version: 4 },
  { address: '::1', version: 6 },
  { address: '::ffff:127.0.0.1', version: 6 },
] as const

const clients: Client[] = []
const runs: Hivetap[] = []
const opened: { close(): void }[] = []
let client: Client

beforeEach(() => {
  client = startClient()
})

afterEach(async () => {
  for (const one of clients.splice(0)) one.stop()
  for (const run of runs.splice(0)) await run.kill()
  for (const each of opened.splice(0).reverse()) each.close()
})

function startClient(): Client {
  const started = new Client()
  clients.push(started)
  return started
}

/** Starts tcpconnect -c, on the client's process alone unless ports are asked for. */
async function count(
  args: readonly string[],
  options: ConstructorParameters<typeof Hivetap>[1] = {},
): Promise<Hivetap> {
  const only = args.includes('-P') ? [] : ['-p', String((await client.who()).pid)]
  const run = new Hivetap(['tcpconnect', '-c', ...only, '-v', '--stats', ...args], options)
  runs.push(run)
  return run.attached()
}

/** Ends a run in order, and gives its lines. */
async function ended(run: Hivetap): Promise<readonly string[]> {
  expect(await run.end()).toEqual({ code: 0, signal: null })
  return run.lines
}

const connects = (rows: readonly JsonEvent[]) =>
  rows.reduce((sum, { connects: some }) => sum + Number(some), 0)

/** What rows say, without the envelope, in an order that does not depend on the map's. */
function saidBy(rows: readonly JsonEvent[]): object[] {
  return rows
    .map(({ version: _1, event_id: _2, time: _3, host: _4, tool: _5, ...row }) => row)
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}

/**
 * Connects to two listeners and to none, so and so often, on each kind of address.
 *
 * @returns the rows that this makes, each local port for itself or together
 */
async function connectEverywhere(bySourcePort: boolean): Promise<JsonEvent[]> {
  const rows: JsonEvent[] = []
  for (const { address, version } of ADDRESSES) {
    const places: readonly [EndPoint, number][] = [
      [await client.listen(address), 3],
      [await client.listen(address), 2],
      [{ address, port: NOBODY }, 4],
    ]
    for (const [place, times] of places) {
      const row = (more: object, some: number): JsonEvent => ({
        ip_version: version,
        source_address: canonical(address),
        ...more,
        destination_address: canonical(address),
        destination_port: place.port,
        connects: some,
      })
      const ports: number[] = []
      for (let time = 0; time < times; time++) {
        const { errno, local } = await client.connect(place)
        expect(errno).toBe(place.port === NOBODY ? 111 : 0)
        ports.push(local.port)
      }
      if (!bySourcePort) rows.push(row({}, times))
      else
        for (const port of new Set(ports))
          rows.push(row({ source_port: port }, ports.filter((each) => each === port).length))
    }
  }
  return rows
}

for (const rung of RUNGS) {
  describeKernel(`tcpconnect -c by ${rung}`, () => {
    it('counts connects and refused ones, as they were made', async () => {
      const run = await count(['-o', 'json', '--hook', rung])
      const expected = await connectEverywhere(false)
      await ended(run)
      expect(saidBy(events(run))).toEqual(saidBy(expected))
      expect(run.ledgers).toMatchObject([{ ended: true, delivered: 27, in_flight: 0, dropped: {} }])
      expect(run.stderr).toContain('27 told')
      expect(run.stderr).toContain(`attached by ${rung}, counting in the kernel`)
    })

    it('counts each local port for itself where asked to', async () => {
      const run = await count(['-s', '-o', 'json', '--hook', rung])
      const expected = await connectEverywhere(true)
      await ended(run)
      expect(saidBy(events(run))).toEqual(saidBy(expected))
    })
  })
}

describeKernel('tcpconnect -c', () => {
  it.each([false, true])('counts on a kernel without BTF; by local port: %s', async (bySourcePort) => {
    const run = await count([...(bySourcePort ? ['-s'] : []), '-o', 'json'], { prefix: WITHOUT_BTF })
    const expected = await connectEverywhere(bySourcePort)
    await ended(run)
    expect(saidBy(events(run))).toEqual(saidBy(expected))
    expect(run.stderr).toContain('attached by tracepoint')
    expect(run.stderr).not.toContain('is not known here')
  })

  it('begins each line of JSON as an event begins, with the time when it was read', async () => {
    const place = await client.listen('127.0.0.1')
    const run = await count(['-o', 'json'])
    await client.connect(place)
    const before = Date.now()
    await ended(run)
    const [row] = events(run)
    expect(Object.keys(row ?? {}).slice(0, 5)).toEqual(['version', 'event_id', 'time', 'host', 'tool'])
    expect(row).toMatchObject({ version: 1, tool: 'tcpconnect', connects: 1 })
    const time = Date.parse(String(row?.['time']))
    expect(time).toBeGreaterThanOrEqual(before - 1)
    expect(time).toBeLessThanOrEqual(Date.now() + 1)
  })

  it.each([
    { args: [], columns: '%-25s %-25s %-20s %s', header: ['LADDR', 'RADDR', 'RPORT', 'CONNECTS'] },
    {
      args: ['-s'],
      columns: '%-25s %-25s %-20s %-20s %s',
      header: ['LADDR', 'RADDR', 'LPORT', 'RPORT', 'CONNECTS'],
    },
  ])('prints the table that bcc prints: $args', async ({ args, columns, header }) => {
    const place = await client.listen('::1')
    const run = await count(args)
    const { local } = await client.connect(place)
    const values: Readonly<Record<string, string | number>> = {
      LADDR: '::1',
      RADDR: '::1',
      LPORT: local.port,
      RPORT: place.port,
      CONNECTS: 1,
    }
    expect(await ended(run)).toEqual([
      printf(columns, ...header),
      printf(columns, ...header.map((name) => values[name] ?? '')),
    ])
  })

  it('has the largest count first', async () => {
    const [few, many] = [await client.listen('127.0.0.1'), await client.listen('127.0.0.1')]
    const run = await count(['-o', 'json'])
    for (const place of [few, many, many, few, many]) await client.connect(place)
    await ended(run)
    expect(events(run)).toMatchObject([
      { destination_port: many.port, connects: 3 },
      { destination_port: few.port, connects: 2 },
    ])
  })

  it('prints nothing but the head where nothing was counted', async () => {
    const run = await count([])
    expect(await ended(run)).toHaveLength(1)
    expect(run.stderr).toContain(' 0 told')
  })

  it('ends by itself after its duration, and tells what it has', async () => {
    const place = await client.listen('127.0.0.1')
    const run = await count(['-o', 'json', '--duration', '1'])
    await client.connect(place)
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    expect(events(run)).toMatchObject([{ destination_port: place.port, connects: 1 }])
  })

  it('counts all connects of clients that run side by side', async () => {
    const place = await client.listen('127.0.0.1', { backlog: 4096 })
    const side = Array.from({ length: 8 }, startClient)
    await Promise.all(side.map((one) => one.who()))
    const run = await count(['-o', 'json', '-P', String(place.port)])
    await Promise.all(
      side.map(async (one) => {
        for (let time = 0; time < 50; time++) expect((await one.connect(place)).errno).toBe(0)
      }),
    )
    await ended(run)
    expect(events(run)).toMatchObject([{ destination_port: place.port, connects: 400 }])
    expect(run.ledgers).toMatchObject([{ delivered: 400, in_flight: 0, dropped: {} }])
  })
})

describeKernel('tcpconnect -c -i', () => {
  it('begins anew after each round, and has a head for each', async () => {
    const place = await client.listen('127.0.0.1')
    const run = await count(['-i', '0.2'])
    await client.connect(place)
    await run.until(({ lines }) => lines.length >= 2, 'a round')
    await client.connect(place)
    await run.until(({ lines }) => lines.length >= 5, 'another')
    const head = printf('%-25s %-25s %-20s %s', 'LADDR', 'RADDR', 'RPORT', 'CONNECTS')
    const row = printf('%-25s %-25s %-20s %s', '127.0.0.1', '127.0.0.1', place.port, 1)
    expect(await ended(run)).toEqual([head, row, '', head, row])
    expect(run.stderr).toContain(' 2 told')
  })

  it('tells every connect once, in whichever round', async () => {
    const place = await client.listen('127.0.0.1')
    const run = await count(['-o', 'json', '-i', '0.05'])
    for (let time = 0; time < 30; time++) await client.connect(place)
    await run.until((each) => connects(events(each)) === 30, 'the first')
    for (let time = 0; time < 20; time++) await client.connect(place)
    await run.until((each) => connects(events(each)) === 50, 'the others')
    await client.connect(place)
    await ended(run)
    expect(connects(events(run))).toBe(51)
    const times = events(run).map(({ time }) => time)
    expect(new Set(times).size).toBe(times.length)
    expect(times.length).toBeGreaterThan(1)
    expect(run.ledgers).toMatchObject([{ delivered: 51, in_flight: 0, dropped: {} }])
  })
})

/** Opens it here, with room for so many counts. */
async function openHere(
  entries: number,
  rung: Placement['rung'] = 'raw_tp',
): Promise<CountSession<ConnectKey>> {
  const { pid } = await client.who()
  const session = connectCounting.open(
    { pid },
    { rung, buffer: 'ringbuf', sizes: { entries, bufferBytes: 4096 } },
  )
  opened.push(session)
  return session
}

async function listeners(many: number): Promise<EndPoint[]> {
  const places: EndPoint[] = []
  for (let one = 0; one < many; one++) places.push(await client.listen('127.0.0.1'))
  return places
}

async function connectTo(places: readonly EndPoint[]): Promise<void> {
  for (const place of places) expect((await client.connect(place)).errno).toBe(0)
}

const told = (rows: ReturnType<CountSession<ConnectKey>['counts']['read']>) =>
  rows
    .map(({ key, count: some }) => [key.destinationPort, some])
    .sort(([one = 0], [other = 0]) => one - other)

/** What is to be told of places, each as often. */
const each = (places: readonly EndPoint[], some: number) =>
  places.map(({ port }) => [port, some]).sort(([one = 0], [other = 0]) => one - other)

/** The account at the end, where all that was read was told. */
function accountOf(session: CountSession<ConnectKey>) {
  const { taken } = session.counts
  const received = { received: 0, malformed: 0, taken, delivered: taken, ended: true }
  const { produced, filtered, delivered, inFlight, dropped } = session.balance(received)
  return { wanted: produced - filtered, delivered, inFlight, dropped: Object.fromEntries(dropped) }
}

describeKernel('counts in a map that is small', () => {
  it('says what it had no room for: each connect is counted or map_full', async () => {
    const places = await listeners(20)
    const session = await openHere(8)
    await connectTo([...places, ...places])
    session.detach()
    const rows = session.counts.read(true)
    expect(told(rows)).toEqual(each(places.slice(0, 8), 2))
    expect(accountOf(session)).toEqual({ wanted: 40, delivered: 16, inFlight: 0, dropped: { map_full: 24 } })
  })

  it('makes room for new counts where others stand still', async () => {
    const [first, second] = [await listeners(6), await listeners(6)]
    const session = await openHere(8)
    await connectTo(first)
    expect(told(session.counts.read(false))).toEqual(each(first, 1))
    expect(session.counts.read(false)).toEqual([])
    await connectTo(second)
    expect(told(session.counts.read(false))).toEqual(each(second, 1))
    await connectTo([...first.slice(0, 2), ...second])
    session.detach()
    expect(told(session.counts.read(true))).toEqual(each([...first.slice(0, 2), ...second], 1))
    expect(accountOf(session)).toEqual({ wanted: 20, delivered: 20, inFlight: 0, dropped: {} })
  })

  it.each([-524, -22])('keeps what it has where the kernel cannot take keys out: %s', async (refusal) => {
    const [first, second] = [await listeners(6), await listeners(6)]
    const session = await openHere(8)
    const restore = interposeBpf((real, command, attributes) =>
      command === 'BPF_MAP_LOOKUP_AND_DELETE_ELEM' ? refusal : real(command, attributes),
    )
    opened.push({ close: restore })
    await connectTo(first)
    expect(told(session.counts.read(false))).toEqual(each(first, 1))
    expect(session.counts.read(false)).toEqual([])
    await connectTo(second)
    session.detach()
    expect(told(session.counts.read(true))).toEqual(each(second.slice(0, 2), 1))
    expect(accountOf(session)).toEqual({ wanted: 12, delivered: 8, inFlight: 0, dropped: { map_full: 4 } })
  })
})

describeKernel('counts that are read while they grow', () => {
  it('are told once each, or counted as lost, while keys are taken out and come again', async () => {
    const places = await listeners(12)
    const side = Array.from({ length: 4 }, startClient)
    await Promise.all(side.map((one) => one.who()))
    const session = connectCounting.open(
      { port: places.map(({ port }) => port) },
      { rung: 'raw_tp', buffer: 'ringbuf', sizes: { entries: 8, bufferBytes: 4096 } },
    )
    opened.push(session)
    let running = true
    const made = Promise.all(
      side.map(async (one, index) => {
        for (let time = 0; time < 120; time++) {
          const { fd } = await one.connect(places[(time + 3 * index) % places.length] as EndPoint)
          await one.close(fd)
        }
      }),
    ).finally(() => {
      running = false
    })
    let sum = 0
    const ports = new Set<number>()
    const read = (last: boolean) => {
      for (const { key, count: some } of session.counts.read(last)) {
        sum += some
        ports.add(key.destinationPort)
      }
    }
    while (running) {
      read(false)
      await new Promise(setImmediate)
    }
    await made
    session.detach()
    read(true)
    expect(session.counts.taken).toBe(sum)
    const { wanted, delivered, inFlight, dropped } = accountOf(session)
    expect({ wanted, inFlight }).toEqual({ wanted: 480, inFlight: 0 })
    expect(delivered + (dropped['map_full'] ?? 0) + (dropped['evicted'] ?? 0)).toBe(480)
    // More than the map holds at a time: keys were taken out.
    expect(ports.size).toBeGreaterThan(8)
  })
})

describeKernel('tcpconnect -c on Linux 4.19', () => {
  afterEach(() => forgetFeatures())

  it('counts, with what 4.19 does not have forced off', async () => {
    forgetFeatures()
    const { refusals, restore } = restrictKernel(interposeBpf, LINUX_4_19)
    opened.push({ close: restore })
    const places = await listeners(3)
    const session = await openHere(64, 'tracepoint')
    await connectTo([...places, ...places])
    session.detach()
    expect(told(session.counts.read(true))).toEqual(each(places, 2))
    expect(accountOf(session)).toEqual({ wanted: 6, delivered: 6, inFlight: 0, dropped: {} })
    expect([...refusals.values()].reduce((sum, some) => sum + some, 0)).toBeGreaterThan(0)
  })
})

describeKernel('the maps of tcpconnect', () => {
  it.each([
    { counting: true, has: 'counts', not: 'events' },
    { counting: false, has: 'events', not: 'counts' },
  ])('are those that are needed: $has, not $not', ({ counting, has, not }) => {
    const { object } = tcpconnect.load({
      constants: { counting, ringBuffer: true },
      programs: ['stateRawTp'],
    })
    opened.push(object)
    expect(object.mapNames).toContain(has)
    expect(object.mapNames).not.toContain(not)
  })
})
