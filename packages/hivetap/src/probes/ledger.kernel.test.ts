import { closeSync, openSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openPipe } from '../../../../test/support/two-ends.js'
import { discardRest } from '../stream/pump.js'
import type { Balance } from './balance.js'
import { totalDropped } from './balance.js'
import { openTool } from './open-tool.js'
import { tcpconnect } from './tcpconnect/tcpconnect.js'
import { BUFFERS, RUNGS, type Sizes } from './tool.js'

/** A port on loopback where nobody listens: each connect is refused, which is an event. */
const NOBODY = { address: '127.0.0.1', port: 1 }
const PATIENCE = 120_000

let client: Client
const cleanups: (() => unknown)[] = []

beforeEach(() => {
  client = new Client()
})

afterEach(async () => {
  client.stop()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Opens tcpconnect in this process, for the client alone, as small as it is told to. */
async function openSmall(sizes: Sizes, wish: Parameters<typeof openTool>[2]) {
  const { pid } = await client.who()
  const { session } = openTool({ ...tcpconnect, sizes: [sizes] }, { pid }, wish)
  cleanups.push(() => session.close())
  return session
}

/** The account of a session that nobody read: closed. */
function closedBalance(session: Awaited<ReturnType<typeof openSmall>>, delivered = 0): Balance {
  session.detach()
  discardRest(session.events)
  const { received, malformed } = session.events
  return session.balance({ received, malformed, delivered, ended: true })
}

for (const rung of RUNGS) {
  for (const buffer of BUFFERS) {
    describeKernel(`the ledger by ${rung} through ${buffer}`, () => {
      it('accounts for each connect where the buffer is one page and nobody reads', async () => {
        const session = await openSmall({ entries: 64, bufferBytes: 4096 }, { rung, buffer })
        const made = await client.storm(NOBODY, 2000)
        const balance = closedBalance(session)
        // Connects of other processes on the machine are left out by the filter.
        expect(balance.produced - balance.filtered).toBe(made)
        expect(balance).toMatchObject({ delivered: 0, inFlight: 0, missedRuns: 0 })
        expect(totalDropped(balance)).toBe(made)
        const held = session.events.received
        expect(held).toBeGreaterThan(0)
        expect(balance.dropped).toEqual(
          new Map([
            ['buffer_full', made - held],
            ['output', held],
          ]),
        )
      })

      it('accounts for each connect where a map of eight is full', async () => {
        const session = await openSmall({ entries: 8, bufferBytes: 4096 }, { rung, buffer })
        const listener = await client.listen('127.0.0.1', { backlog: 0 })
        const waiting: number[] = []
        // A listener whose queue is full does not answer: these stay under way.
        for (let count = 0; count < 24; count++) waiting.push((await client.connect(listener, 'begin')).fd)
        for (const fd of waiting) await client.close(fd)
        const balance = closedBalance(session)
        const full = balance.dropped.get('map_full') ?? 0
        expect(balance.produced - balance.filtered).toBe(24)
        expect(full).toBeGreaterThan(0)
        expect(session.events.received).toBe(24 - full)
        expect(balance.inFlight).toBe(0)
      })
    })
  }
}

/** Starts tcpconnect for the client alone, its account in JSON. */
async function start(buffer: string, stdout?: number): Promise<Hivetap> {
  const { pid } = await client.who()
  const run = new Hivetap(
    ['tcpconnect', '-p', String(pid), '-v', '--stats', '-o', 'json', '--buffer', buffer],
    stdout === undefined ? {} : { stdout },
  )
  cleanups.push(() => run.kill())
  return run.attached()
}

interface LedgerRecord {
  readonly produced: number
  readonly delivered: number
  readonly filtered: number
  readonly sampled_out: number
  readonly in_flight: number
  readonly dropped: Readonly<Record<string, number>>
}

/** The last account of a run, whose sum must be right. */
function ledgerOf(run: Pick<Hivetap, 'ledgers'>): LedgerRecord {
  const record = run.ledgers.at(-1) as unknown as LedgerRecord
  expect(record).toMatchObject({ record: 'ledger', ended: true })
  const lost = Object.values(record.dropped).reduce((sum, count) => sum + count, 0)
  expect(record.delivered + record.filtered + record.sampled_out + record.in_flight + lost).toBe(
    record.produced,
  )
  return record
}

/** What of the client's connects was told or lost: the account without those of others. */
function ownCount({ produced, filtered }: LedgerRecord): number {
  return produced - filtered
}

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000))

for (const buffer of BUFFERS) {
  describeKernel(`the ledger of a run through ${buffer}`, () => {
    it('is exact after 100,000 connects in a storm', { timeout: PATIENCE }, async () => {
      const run = await start(buffer)
      const made = await client.storm(NOBODY, 100_000)
      expect(await run.end()).toEqual({ code: 0, signal: null })
      const ledger = ledgerOf(run)
      expect(ownCount(ledger)).toBe(made)
      expect(run.lines).toHaveLength(ledger.delivered)
      expect(ledger.in_flight).toBe(0)
    })

    it('is exact after it was stopped for ten seconds', { timeout: PATIENCE }, async () => {
      const run = await start(buffer)
      run.child.kill('SIGSTOP')
      const made = await client.storm(NOBODY, 40_000)
      await seconds(10)
      run.child.kill('SIGCONT')
      expect(await run.end()).toEqual({ code: 0, signal: null })
      const ledger = ledgerOf(run)
      expect(ownCount(ledger)).toBe(made)
      expect(ledger.dropped['buffer_full']).toBeGreaterThan(0)
      expect(run.lines).toHaveLength(ledger.delivered)
    })

    it('is exact after its reader did not read for ten seconds', { timeout: PATIENCE }, async () => {
      const { pid } = await client.who()
      const run = new Hivetap(
        ['tcpconnect', '-p', String(pid), '-v', '--stats', '-o', 'json', '--buffer', buffer],
        {},
      )
      cleanups.push(() => run.kill())
      await run.attached()
      run.child.stdout?.pause()
      const made = await client.storm(NOBODY, 40_000)
      await seconds(10)
      run.child.stdout?.resume()
      await run.until(({ lines }) => lines.length > 0, 'a line')
      expect(await run.end()).toEqual({ code: 0, signal: null })
      const ledger = ledgerOf(run)
      expect(ownCount(ledger)).toBe(made)
      expect(ledger.dropped['buffer_full']).toBeGreaterThan(0)
      expect(run.lines).toHaveLength(ledger.delivered)
    })

    it('is told on stderr where the reader is gone', async () => {
      const pipe = openPipe()
      cleanups.push(
        () => pipe.closeNear(),
        () => pipe.closeFar(),
      )
      const run = await start(buffer, pipe.near)
      pipe.closeNear()
      pipe.closeFar()
      const made = await client.storm(NOBODY, 500)
      await run.ended()
      const [, produced, filtered, underWay, lost] =
        /(\d+) connects: 0 told, (\d+) left out by filters, (\d+) under way, (\d+) lost/.exec(run.stderr) ??
        []
      expect(Number(produced)).toBe(Number(filtered) + Number(underWay) + Number(lost))
      // It may end in the middle of a connect, of which there is one at a time.
      expect(Number(underWay)).toBeLessThanOrEqual(1)
      // It ended at the first that it could not write: later ones may not have been seen any more.
      expect(Number(lost)).toBeLessThanOrEqual(made)
      expect(Number(lost)).toBeGreaterThan(0)
    })

    it('is told on stderr where the disk is full', async () => {
      const full = openSync('/dev/full', 'w')
      cleanups.push(() => closeSync(full))
      const run = await start(buffer, full)
      run.child.kill('SIGSTOP')
      const made = await client.storm(NOBODY, 100)
      run.child.kill('SIGCONT')
      expect(await run.ended()).toEqual({ code: 1, signal: null })
      const [, produced, filtered, lost] =
        /(\d+) connects: 0 told, (\d+) left out by filters, 0 under way, (\d+) lost/.exec(run.stderr) ?? []
      expect(Number(produced) - Number(filtered)).toBe(made)
      expect(Number(lost)).toBe(made)
    })

    it('is exact for names of control characters and of no characters at all', async () => {
      const run = await start(buffer)
      const names = [
        [0x1b, 0x5b, 0x32, 0x4a],
        [0xff, 0xfe, 0xc0, 0x80],
        [0x0a, 0x22, 0x5c, 0x7f],
        [0xe2, 0x80, 0xae],
      ]
      for (const bytes of names) {
        await client.ask({ op: 'name', bytes })
        await client.storm(NOBODY, 10)
      }
      await run.until(({ lines }) => lines.length >= 40, '40 lines')
      expect(await run.end()).toEqual({ code: 0, signal: null })
      const ledger = ledgerOf(run)
      expect(ownCount(ledger)).toBe(40)
      expect(ledger.delivered).toBe(40)
      expect(run.lines.join('')).not.toMatch(/[\u0000-\u001f\u007f\u202e]/)
      const decoder = new TextDecoder()
      const seen = run.lines.map((line) => (JSON.parse(line) as { comm: string }).comm)
      expect([...new Set(seen)]).toEqual(names.map((bytes) => decoder.decode(Uint8Array.from(bytes))))
    })
  })
}

describeKernel('the ledger of a sample', () => {
  it('has what was left out, exactly', async () => {
    const { pid } = await client.who()
    const run = new Hivetap(
      ['tcpconnect', '-p', String(pid), '-v', '--stats', '-o', 'json', '--sample', '1/4'],
      {},
    )
    cleanups.push(() => run.kill())
    await run.attached()
    const made = await client.storm(NOBODY, 10_000)
    expect(await run.end()).toEqual({ code: 0, signal: null })
    const ledger = ledgerOf(run)
    expect(ownCount(ledger)).toBe(made)
    expect(ledger.delivered).toBe(run.lines.length)
    // Ten standard deviations of a binomial count: sqrt(n p (1 - p)) is 43.
    expect(Math.abs(ledger.delivered - made / 4)).toBeLessThan(433)
    expect(run.lines.every((line) => (JSON.parse(line) as { sample?: number }).sample === 4)).toBe(true)
  })
})
