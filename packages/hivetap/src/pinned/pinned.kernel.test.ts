import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createStandaloneMap,
  InvalidSpecError,
  openKernelBtf,
  openPinnedMap,
  openTracefs,
  UnsupportedError,
  u32,
  u64,
} from '@hivetap/bpf'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { BuiltProcess } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { Client } from '../../../../test/support/client.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import {
  expectNothingLeft,
  type KernelState,
  kernelState,
} from '../../../../test/support/kernel-leftovers.js'
import { interposeBpf } from '../../../bpf/src/sys/bpf.js'
import type { Balance } from '../probes/balance.js'
import type { ConnectEvent } from '../probes/connects/connect-event.js'
import { execsnoop } from '../probes/execsnoop/execsnoop.js'
import type { TracedEvent } from '../probes/shared-events.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import type { WantedTool } from './build-run.js'
import { PinsHeldError } from './hold-directory.js'
import { openPinned } from './open-pinned.js'
import type { PinnedRun } from './pinned-run.js'
import { pinRecord, readRecord } from './record.js'
import { removePins } from './remove-run.js'

const tracefs = openTracefs()
const HAS_TRACEFS = tracefs.path !== undefined
if (tracefs.path !== undefined) tracefs.close()

/** Nobody listens on it, so that each connect is refused. */
const NOWHERE = { address: '127.0.0.1', port: 1 }
const opened: { close(): void }[] = []
let bpffs: Bpffs
let directory: string
let client: Client
let pid: number
let before: KernelState

const wish = (options: object = {}): WantedTool[] => [
  { tool: tcpconnlat, options: { failed: true, pid, ...options } },
]

function open(wanted: readonly WantedTool[] = wish(), bufferBytes = 1 << 20): PinnedRun {
  const run = openPinned(wanted, { directory, version: 'test', bufferBytes })
  opened.push(run)
  return run
}

/** All that is there to be read, as numbers that are each event's own. */
function drained(run: PinnedRun): bigint[] {
  const found: bigint[] = []
  while (run.read((traced) => found.push(timeOf(traced))) > 0);
  return found
}

/** One thread makes them one after the other. */
const timeOf = ({ event }: TracedEvent): bigint => BigInt((event as ConnectEvent).timeNs)

async function ended(run: PinnedRun): Promise<{ found: bigint[]; balance: Balance | undefined }> {
  const found: bigint[] = []
  await run.detach()
  for await (const batch of run.rest()) {
    found.push(...batch.map(timeOf))
    run.release(run.position)
  }
  const [balance] = run.balances(true)
  run.remove()
  return { found, balance }
}

const dropped = (balance: Balance | undefined, reason: string): number =>
  balance?.dropped.get(reason as 'buffer_full') ?? 0

/** What is on the bpffs, but for what the kernel puts on each (maps.debug). */
const left = () => readdirSync(bpffs.path).filter((name) => !name.endsWith('.debug'))

/** Whether each stands there once. */
const distinct = (times: readonly bigint[]): boolean => new Set(times).size === times.length

describeKernelIf(canMountBpffs() && openKernelBtf() !== undefined)('tools that are pinned', () => {
  beforeEach(async () => {
    bpffs = mountedBpffs()
    directory = join(bpffs.path, 'hivetap')
    client = new Client()
    pid = (await client.who()).pid
    before = kernelState()
  })
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) each.close()
    removePins(directory)
    client.stop()
    const found = left()
    bpffs.close()
    expect(found).toEqual([])
    await expectNothingLeft(before)
  })

  it('go on when they are closed: the next run has each event, and the whole account', async () => {
    const first = open()
    expect([first.state, first.reason, first.opened?.length]).toEqual(['new', undefined, 1])
    await client.storm(NOWHERE, 100)
    const one = drained(first)
    first.release(first.position)
    const { epoch, since } = first
    first.close()
    await client.storm(NOWHERE, 200)
    const second = open()
    expect(second).toMatchObject({ state: 'adopted', epoch, since, opened: undefined })
    expect(second.tools[0]?.attached?.placement).toMatchObject({ rung: 'tp_btf', buffer: 'ringbuf' })
    await client.storm(NOWHERE, 50)
    const { found, balance } = await ended(second)
    expect(found).toHaveLength(250)
    expect(one).toHaveLength(100)
    expect(distinct([...one, ...found])).toBe(true)
    expect(balance).toMatchObject({ delivered: 350, inFlight: 0, missedRuns: 0, dropped: new Map() })
    expect(balance?.produced).toBe(350 + (balance?.filtered ?? 0))
  })

  it('hand over again what was read and not released, unless it is passed over', async () => {
    const first = open()
    await client.storm(NOWHERE, 30)
    const some: bigint[] = []
    first.read((traced) => some.push(timeOf(traced)), 10)
    first.release(first.position)
    first.read((traced) => some.push(timeOf(traced)), 8)
    const stored = first.position
    first.read((traced) => some.push(timeOf(traced)), 5)
    expect(first.balances()[0]).toMatchObject({ delivered: 10, inFlight: 20 })
    first.close()
    const second = open()
    expect(second.resume(stored)).toBe(8)
    expect(second.resume(stored)).toBe(0)
    expect(second.balances()[0]).toMatchObject({ delivered: 18, inFlight: 12 })
    const rest = drained(second)
    expect([...some.slice(0, 18), ...rest]).toHaveLength(30)
    expect(rest.slice(0, 5)).toEqual(some.slice(18))
    expect(() => second.resume(second.position + 8n)).toThrow(InvalidSpecError)
    second.release(second.position)
    second.close()
    const third = open()
    expect(drained(third)).toEqual([])
    expect((await ended(third)).balance).toMatchObject({ delivered: 30, inFlight: 0 })
  })

  it('wake whoever waits for them', async () => {
    const run = open()
    for (let round = 0; round < 5; round++) {
      const waiting = run.wait()
      await client.storm(NOWHERE, 1)
      await waiting
      while (drained(run).length === 0) await run.wait()
      if (round % 2 === 0) run.release(run.position)
    }
    const stop = new AbortController()
    const waiting = run.wait({ signal: stop.signal })
    stop.abort()
    await waiting
    await ended(run)
  })

  it('are accounted for to the event, however often whoever reads them is killed', async () => {
    const spool = join(tmpdir(), `hivetap-pinned-${process.pid}.jsonl`)
    const tools = JSON.stringify({ failed: true, pid })
    // Appends a batch to a file, then releases it; cuts what a write left that was cut short.
    const text = `
      const { openSync, writeSync, readFileSync, ftruncateSync, existsSync } = await import('node:fs')
      const hivetap = new URL('../../hivetap/dist/', 'file://' + dist).href
      const { openPinned } = await import(hivetap + 'pinned/open-pinned.js')
      const { tcpconnlat } = await import(hivetap + 'probes/tcpconnlat/tcpconnlat.js')
      const run = openPinned([{ tool: tcpconnlat, options: ${tools} }],
        { directory: ${JSON.stringify(directory)}, version: 'test', bufferBytes: 128 << 10 })
      const path = ${JSON.stringify(spool)}
      const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
      const whole = bytes.lastIndexOf(10) + 1
      const file = openSync(path, 'a')
      ftruncateSync(file, whole)
      const last = bytes.subarray(0, whole).toString().trimEnd().split('\\n').at(-1)
      const resumed = last ? run.resume(BigInt(JSON.parse(last).position)) : 0
      answer({ state: run.state, resumed })
      for (;;) {
        const events = []
        // Small batches: so that many kills come between two steps.
        if (run.read(({ event }) => events.push(String(event.timeNs)), 16) === 0) {
          await run.wait()
          continue
        }
        const position = run.position
        writeSync(file, JSON.stringify({ position: String(position), events }) + '\\n')
        run.release(position)
        if (Math.random() < 0.1) await new Promise(setImmediate)
      }`
    let made = 0
    let resumed = 0
    let storming = true
    const storm = async () => {
      while (storming) {
        made += await client.storm(NOWHERE, 20)
        await new Promise((resolve) => setTimeout(resolve, 15))
      }
    }
    const states: string[] = []
    let storms: Promise<void> | undefined
    try {
      for (let kill = 0; kill < 20; kill++) {
        const child = new BuiltProcess(text)
        opened.push({ close: () => void child.kill() })
        const said = await child.answer<{ state: string; resumed: number }>()
        // Before the programs are attached, what is made is not seen.
        storms ??= storm()
        states.push(said.state)
        resumed += said.resumed
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
        await child.kill()
      }
      storming = false
      await storms
      const run = open(wish(), 128 << 10)
      const lines = readFileSync(spool, 'utf8').split('\n')
      // A write that was cut short ends without a newline.
      lines.pop()
      const batches = lines.map((line) => JSON.parse(line) as { position: string; events: string[] })
      resumed += run.resume(BigInt(batches.at(-1)?.position ?? 0))
      const { found, balance } = await ended(run)
      const all = [...batches.flatMap(({ events }) => events.map(BigInt)), ...found]
      process.stderr.write(
        `${made} made, ${all.length} told, ${dropped(balance, 'buffer_full')} refused, ${resumed} passed over\n`,
      )
      expect(states).toEqual(['new', ...Array(19).fill('adopted')])
      expect(distinct(all)).toBe(true)
      expect(all.length + dropped(balance, 'buffer_full')).toBe(made)
      expect(balance).toMatchObject({ delivered: all.length, inFlight: 0, missedRuns: 0 })
      expect(balance?.produced).toBe(made + (balance?.filtered ?? 0))
    } finally {
      storming = false
      rmSync(spool, { force: true })
    }
  }, 240_000)

  it('are retired when something else is asked for: read to their end, accounted for, and made anew', async () => {
    const first = open()
    const { epoch } = first
    await client.storm(NOWHERE, 40)
    first.close()
    for (const [wanted, bytes, reason] of [
      [wish({ minLatencyUs: 1 }), 1 << 20, 'tcpconnlat is attached with another object, or other options'],
      [[{ ...wish()[0], rung: 'raw_tp' }], 1 << 20, 'tcpconnlat is attached by tp_btf, not by raw_tp'],
      [
        [...wish(), { tool: execsnoop, options: {} }],
        1 << 20,
        'tcpconnlat are attached, and tcpconnlat, execsnoop were asked for',
      ],
      [wish(), 2 << 20, 'The buffer has 1048576 bytes, and 2097152 were asked for'],
    ] as [WantedTool[], number, string][]) {
      const run = open(wanted, bytes)
      expect([run.state, run.epoch, run.reason]).toEqual(['retired', epoch, reason])
      run.close()
    }
    const old = open(wish({ minLatencyUs: 1 }))
    await client.storm(NOWHERE, 10)
    const { found, balance } = await ended(old)
    expect(found).toHaveLength(50)
    expect(balance).toMatchObject({ delivered: 50, inFlight: 0 })
    const anew = open(wish({ minLatencyUs: 1 }))
    expect(anew.state).toBe('new')
    expect(anew.epoch).not.toBe(epoch)
  })

  it.each(['raw_tp', 'tracepoint'] as const)('go on by %s too', async (rung) => {
    if (rung === 'tracepoint' && !HAS_TRACEFS) return
    const wanted = wish().map((each) => ({ ...each, rung }))
    open(wanted).close()
    await client.storm(NOWHERE, 20)
    const run = open(wanted)
    expect([run.state, run.tools[0]?.attached?.placement.rung]).toEqual(['adopted', rung])
    await client.storm(NOWHERE, 20)
    const { found, balance } = await ended(run)
    expect(distinct(found)).toBe(true)
    expect([found.length, balance?.delivered, balance?.inFlight]).toEqual([40, 40, 0])
  })

  it('take CAP_BPF and CAP_PERFMON, no more', async () => {
    const rights = ['CAP_BPF', 'CAP_PERFMON'] as const
    withCapabilities(rights, () => open()).close()
    await client.storm(NOWHERE, 3)
    const run = withCapabilities(rights, () => open())
    expect(run.state).toBe('adopted')
    expect(withCapabilities(rights, () => [drained(run).length, run.balances()[0]?.missedRuns])).toEqual([
      3, 0,
    ])
    withCapabilities(rights, () => run.remove())
    expect(existsSync(directory)).toBe(false)
  })

  it('of another layout are not read as if they were of this: that they came is known', async () => {
    open().close()
    await client.storm(NOWHERE, 7)
    const agent = join(directory, 'run', 'agent')
    const record = readRecord(agent)
    unlinkSync(agent)
    const tools = record.tools.map((tool) => ({ ...tool, layout: 'of another hivetap', identity: 'another' }))
    pinRecord(agent, { ...record, tools })
    const run = open()
    expect([run.state, run.tools[0]?.tool, run.balances()]).toEqual(['retired', undefined, [undefined]])
    expect(await ended(run)).toEqual({ found: [], balance: undefined })
    expect(run.unreadable).toEqual([7])
    await expectNothingLeft(before)
  })

  it.each(['link_stateTpBtf', 'program_stateTpBtf', 'ledgers'])(
    'are retired when something of them is gone: %s',
    async (name) => {
      open().close()
      await client.storm(NOWHERE, 5)
      unlinkSync(join(directory, 'run', 'tcpconnlat', name))
      const run = open()
      expect([run.state, run.reason]).toEqual([
        'retired',
        expect.stringContaining('it is gone, or never was'),
      ])
      expect(run.balances()).toEqual([undefined])
      const { found } = await ended(run)
      expect(found).toHaveLength(5)
    },
  )

  it('tell when what is there cannot be read, and how to get rid of it', () => {
    for (const spoil of [
      () => unlinkSync(join(directory, 'run', 'agent')),
      () => unlinkSync(join(directory, 'run', 'events')),
      () => {
        const path = join(directory, 'run', 'progress')
        unlinkSync(path)
        using map = createStandaloneMap({ name: 'other', kind: 'hash', maxEntries: 1 }, u32, u64)
        map.pin(path)
      },
      () => {
        using map = openPinnedMap(join(directory, 'run', 'progress'), { kind: 'array' }, u32, {
          size: 16 + 32 * 24,
          read: () => undefined,
          write: (view: DataView, at: number) => view.setBigUint64(at, 8n),
        })
        map.set(0, undefined)
      },
      () => {
        using map = openPinnedMap(join(directory, 'run', 'agent'), { kind: 'array' }, u32, {
          size: 16 << 10,
          read: () => undefined,
          write: (view: DataView, at: number) => view.setBigUint64(at, 0n),
        })
        map.set(0, undefined)
      },
    ]) {
      open().close()
      spoil()
      expect(() => open()).toThrow(
        expect.objectContaining({ hint: `hivetap unpin --directory ${directory} removes it.` }),
      )
      expect(removePins(directory)).toBeDefined()
      expect(existsSync(directory)).toBe(false)
    }
  })

  it('do not begin half: what a process left that was killed meanwhile is removed', () => {
    open().close()
    // As if it had been killed before the folder got its name.
    renameSync(join(directory, 'run'), join(directory, 'unfinished'))
    const again = open()
    expect(again.state).toBe('new')
    expect(readdirSync(directory)).toEqual(['run'])
  })

  it('are left alone while another process has them', async () => {
    const run = open()
    expect(() => open()).toThrow(new PinsHeldError(directory, process.pid))
    expect(() => removePins(directory)).toThrow(
      `Cannot use what is pinned at ${directory}: process ${process.pid} does`,
    )
    await client.storm(NOWHERE, 3)
    const { epoch, since } = run
    expect(removePins(directory, { force: true })).toEqual({
      tools: ['tcpconnlat'],
      epoch,
      since,
      unread: 3,
      holder: process.pid,
    })
    // What it has open goes on.
    await client.storm(NOWHERE, 2)
    expect(drained(run)).toHaveLength(5)
    // And whoever begins anew is not disturbed by how it ends.
    const anew = open()
    expect([anew.state, anew.epoch === epoch]).toEqual(['new', false])
    await ended(run)
    await client.storm(NOWHERE, 6)
    expect((await ended(anew)).found).toHaveLength(6)
    expect(removePins(directory)).toBeUndefined()
  })

  it('say what they need', () => {
    const here = join(tmpdir(), 'hivetap-no-bpffs')
    for (const wrong of [here, join(here, 'deeper'), '/proc/self'])
      expect(() => openPinned(wish(), { directory: wrong, version: 'test' })).toThrow(
        expect.objectContaining({ needs: 'bpffs', hint: expect.stringContaining('mount -t bpf') }),
      )
    expect(existsSync(here)).toBe(false)
    expect(() => removePins('/proc/self')).toThrow(UnsupportedError)
    expect(() => openPinned([], { directory, version: 'test' })).toThrow(InvalidSpecError)
    expect(() => openPinned([...wish(), ...wish()], { directory, version: 'test' })).toThrow(InvalidSpecError)
  })

  it('say what an older kernel lacks, and leave nothing', async () => {
    const older = (lacks: (command: string, attributes: Uint8Array) => boolean) =>
      interposeBpf((real, command, attributes) =>
        lacks(command, attributes.bytes) ? -22 : real(command, attributes),
      )
    const tracepoint = wish().map((each) => ({ ...each, rung: 'tracepoint' as const }))
    // Ring buffers are maps of type 27.
    for (const [lacks, wanted, hint] of [
      [
        (command: string, bytes: Uint8Array) => command === 'BPF_MAP_CREATE' && bytes[0] === 27,
        wish(),
        '5.8',
      ],
      [(command: string) => command === 'BPF_OBJ_PIN', wish(), 'Linux'],
      [(command: string) => command === 'BPF_LINK_CREATE', tracepoint, HAS_TRACEFS ? '5.15' : ''],
    ] as const) {
      const restore = older(lacks)
      try {
        expect(() => open(wanted)).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }))
      } finally {
        restore()
      }
      expect(readdirSync(directory)).toEqual([])
    }
    await expectNothingLeft(before)
  })

  it('may have the root of a bpffs as their directory, and what others put there stays', async () => {
    const other = join(bpffs.path, 'other')
    mkdirSync(other)
    const run = openPinned(wish(), { directory: bpffs.path, version: 'test' })
    opened.push(run)
    await client.storm(NOWHERE, 4)
    expect((await ended(run)).found).toHaveLength(4)
    expect(left()).toEqual(['other'])
    rmSync(other, { recursive: true })
  })

  it('are of several tools, whose user-space filters are counted across runs', async () => {
    const wanted: WantedTool[] = [...wish(), { tool: execsnoop, options: { pid, name: 'no such program' } }]
    const run = open(wanted)
    await client.storm(NOWHERE, 6)
    expect(drained(run)).toHaveLength(6)
    run.release(run.position)
    run.close()
    const again = open(wanted)
    expect([again.state, again.balances().map((balance) => balance?.delivered)]).toEqual(['adopted', [6, 0]])
  })
})
