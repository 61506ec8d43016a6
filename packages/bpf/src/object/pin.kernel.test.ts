import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { runBuilt } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { numbered } from '../../../../test/support/emitter.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { programId } from '../../../../test/support/kernel-info.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import { canRunPrograms, runProgram } from '../../../../test/support/test-run.js'
import { u8, u16, u32, u64 } from '../bindings/scalars.js'
import {
  ExistsError,
  InvalidSpecError,
  NotFoundError,
  NotPermittedError,
  UnsupportedError,
} from '../errors.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import { openPinnedLink } from '../link/bpf-link.js'
import { linkExists } from '../link/link.js'
import { BpfMap } from '../map/bpf-map.js'
import { createMap } from '../map/create-map.js'
import { openPinnedMap, openPinnedPerCpuMap } from '../map/pinned-map.js'
import { openPinnedProgram } from '../program/pinned-program.js'
import type { MapKind } from '../spec/map-kind.js'
import { interposeBpf } from '../sys/bpf.js'
import { onlineCpus } from '../sys/cpus.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { LoopbackSocket } from '../sys/loopback.js'
import { openTracefs } from '../sys/tracefs.js'
import type { BpfObject } from './bpf-object.js'
import { loadObject } from './load-object.js'
import { openPinnedRecords, SharedRecords } from './shared-records.js'

const opened: { close(): void }[] = []
let bpffs: Bpffs

function own<T extends { close(): void }>(part: T): T {
  opened.push(part)
  return part
}

function map(kind: MapKind = 'hash', maxEntries = 8): BpfMap<number, bigint> {
  const shape = { name: 'sample', kind, keySize: 4, valueSize: 8, maxEntries, flags: 0 }
  return own(new BpfMap(new FileDescriptor(createMap(shape), 'map sample'), shape, u32, u64))
}

function hooks(program: string): BpfObject {
  return own(loadObject(readFixture('hooks'), { programs: [program], constants: { pid: process.pid } }))
}

function listen(times: number): void {
  for (let count = 0; count < times; count++) {
    using socket = new LoopbackSocket()
    socket.bind(true)
  }
}

const hits = (path: string): number => {
  using found = openPinnedMap(path, { kind: 'array' }, u32, u64)
  return Number(found.get(0))
}

const tracefs = openTracefs()
if (tracefs.path !== undefined) tracefs.close()
const HOOKS = [
  { program: 'typed', there: openKernelBtf() !== undefined },
  { program: 'raw', there: true },
  { program: 'record', there: tracefs.path !== undefined },
].flatMap(({ program, there }) => (there ? [program] : []))

describeKernelIf(canMountBpffs())('a pin', () => {
  beforeEach(() => {
    bpffs = mountedBpffs()
  })
  afterEach(() => {
    for (const each of opened.splice(0).reverse()) each.close()
    bpffs.close()
  })

  it('keeps a map until its file is removed', async () => {
    const before = kernelState()
    const path = join(bpffs.path, 'kept')
    const first = map()
    first.set(3, 33n)
    first.pin(path)
    first.close()
    using again = openPinnedMap(path, { kind: 'hash', maxEntries: 8 }, u32, u64)
    expect(again.get(3)).toBe(33n)
    expect([again.name, again.maxEntries]).toEqual(['kept', 8])
    unlinkSync(path)
    expect(again.get(3)).toBe(33n)
    again.close()
    await expectNothingLeft(before)
  })

  it('of a map is opened as what it is alone', () => {
    const path = join(bpffs.path, 'kept')
    map().pin(path)
    expect(() => openPinnedMap(path, { kind: 'array' }, u32, u64)).toThrow(
      new InvalidSpecError(
        `Cannot use map kept at ${path}: it is of kind hash, keys of 4 and values of 8 bytes, 8 entries, ` +
          'not of kind array, keys of 4 and values of 8 bytes, 8 entries',
      ),
    )
    expect(() => openPinnedMap(path, { kind: 'hash' }, u16, u64)).toThrow(/not of kind hash, keys of 2 /)
    expect(() => openPinnedMap(path, { kind: 'hash' }, u32, u8)).toThrow(/values of 1 bytes/)
    expect(() => openPinnedMap(path, { kind: 'hash', maxEntries: 9 }, u32, u64)).toThrow(/9 entries/)
    expect(() => openPinnedPerCpuMap(path, { kind: 'percpu_hash' }, u32, u64)).toThrow(InvalidSpecError)
    expect(() => openPinnedPerCpuMap(path, { kind: 'hash' }, u32, u64)).toThrow(InvalidSpecError)
    expect(() => openPinnedMap(path, { kind: 'percpu_hash' }, u32, u64)).toThrow(InvalidSpecError)
    expect(() => openPinnedRecords(path)).toThrow(/not of kind ringbuf/)
    expect(() => openPinnedLink(path)).toThrow(
      new InvalidSpecError(`Cannot open link kept at ${path}: it is a map`),
    )
    expect(() => openPinnedProgram(path)).toThrow(/it is a map/)
  })

  it.each(HOOKS)('keeps a link and its program: %s', async (program) => {
    const before = kernelState()
    const [link, count, prog] = ['link', 'hits', 'program'].map((name) => join(bpffs.path, name)) as [
      string,
      string,
      string,
    ]
    const object = hooks(program)
    const attached = object.program(program).attach()
    object.map('hits', u32, u64).pin(count)
    attached.pin(link)
    object.program(program).pin(prog)
    const id = programId(object.program(program).fileDescriptor)
    expect(attached.info().programId).toBe(id)
    listen(2)
    object.close()
    listen(3)
    expect(hits(count)).toBe(5)
    // Opened, and closed again, it goes on.
    const again = own(openPinnedLink(link))
    expect(again.info().programId).toBe(id)
    using kept = openPinnedProgram(prog)
    expect([kept.id, kept.statistics().missed]).toEqual([id, 0])
    again.close()
    listen(4)
    expect(hits(count)).toBe(9)
    // Without its file it lives as long as it is open.
    const last = openPinnedLink(link)
    unlinkSync(link)
    listen(1)
    expect(hits(count)).toBe(10)
    const { id: number } = last.info()
    expect(linkExists(number)).toBe(true)
    last.close()
    await expect.poll(() => linkExists(number)).toBe(false)
    const ended = hits(count)
    listen(2)
    expect(hits(count)).toBe(ended)
    for (const path of [count, prog]) unlinkSync(path)
    kept.close()
    await expectNothingLeft(before)
  })

  it('of a ring buffer hands what was not released to another process', () => {
    if (!canRunPrograms()) return
    const path = join(bpffs.path, 'events')
    const shared = own(new SharedRecords({ kind: 'ringbuf', bytes: 8192 }))
    const object = own(
      loadObject(readFixture('emit'), {
        programs: ['emit'],
        constants: { ring_buffer: true },
        maps: { events: { reuse: shared } },
      }),
    )
    const emit = (first: number, count: number) =>
      runProgram(object.program('emit').fileDescriptor, [count, 24, first, 0], onlineCpus()[0] ?? 0)
    shared.pin(path)
    emit(0, 20)
    const records = shared.retainedRecords(numbered(24))
    records.drain(() => undefined, 12)
    records.release(BigInt(5 * 32))
    records.close()
    emit(20, 5)
    const [found] = runBuilt<{ from: string; found: number[] }>(`
      const { openPinnedRecords } = await import(dist + 'index.js')
      const shared = openPinnedRecords(${JSON.stringify(path)})
      const decoder = { size: 24, read: (view, at) => Number(view.getBigUint64(at, true)) }
      const records = shared.retainedRecords(decoder)
      const from = String(records.position)
      const found = []
      records.drain((number) => found.push(number))
      records.release(records.position)
      answer({ from, found })
      shared.close()`)
    expect(found).toEqual({ from: '160', found: Array.from({ length: 20 }, (_, index) => 5 + index) })
    const after = openPinnedRecords(path)
    own(after)
    expect(after.retainedRecords(numbered(24)).position).toBe(BigInt(25 * 32))
  })

  it('is not put where something is, or where no folder is', () => {
    const sample = map()
    const path = join(bpffs.path, 'kept')
    sample.pin(path)
    expect(() => sample.pin(path)).toThrow(ExistsError)
    mkdirSync(join(bpffs.path, 'folder'))
    expect(() => sample.pin(join(bpffs.path, 'folder'))).toThrow(ExistsError)
    expect(() => sample.pin(join(bpffs.path, 'none', 'x'))).toThrow(NotFoundError)
  })

  it.each(['dot.ted', '', '/', 'nul\0nul'])('is not named %j', (name) => {
    expect(() => map().pin(`${bpffs.path}/${name}`)).toThrow(InvalidSpecError)
    expect(() => openPinnedMap(`${bpffs.path}/${name}`, { kind: 'hash' }, u32, u64)).toThrow(InvalidSpecError)
  })

  it('is not put on another file system, nor opened there', () => {
    const sample = map()
    const hint = expect.stringContaining('mount -t bpf bpf /sys/fs/bpf')
    expect(() => sample.pin('relative')).toThrow(InvalidSpecError)
    for (const run of [
      () => sample.pin('/tmp/hivetap-no-bpffs'),
      () => openPinnedMap('/proc/self/status', { kind: 'hash' }, u32, u64),
      () => openPinnedLink('/dev/zero'),
      () => openPinnedProgram('/tmp'),
    ]) {
      expect(run).toThrow(UnsupportedError)
      expect(run).toThrow(expect.objectContaining({ needs: 'bpffs', hint }))
    }
  })

  it('is not a folder, a link to nowhere, or gone', () => {
    const at = (name: string) => join(bpffs.path, name)
    mkdirSync(at('folder'))
    symlinkSync(at('none'), at('dangling'))
    symlinkSync(at('loop'), at('loop'))
    symlinkSync('/etc/passwd', at('outside'))
    const open = (name: string) => () => openPinnedMap(at(name), { kind: 'hash' }, u32, u64)
    expect(open('folder')).toThrow(
      new InvalidSpecError(`Cannot open map folder at ${at('folder')}: it is no pin`),
    )
    expect(open('dangling')).toThrow(NotFoundError)
    expect(open('none')).toThrow(NotFoundError)
    expect(open('loop')).toThrow(/ELOOP/)
    expect(open('outside')).toThrow(UnsupportedError)
    expect(() => writeFileSync(at('plain'), 'x')).toThrow(/EPERM|EACCES/)
    expect(open('folder/none')).toThrow(NotFoundError)
  })

  it('takes rights, and says which', () => {
    const sample = map()
    const path = join(bpffs.path, 'kept')
    sample.pin(path)
    const result = withCapabilities([], () => {
      try {
        return openPinnedMap(path, { kind: 'hash' }, u32, u64)
      } catch (error) {
        return error
      }
    })
    if (result instanceof BpfMap) result.close()
    else expect(result).toBeInstanceOf(NotPermittedError)
    // CAP_BPF and CAP_PERFMON are enough, as root of the files.
    withCapabilities(['CAP_BPF', 'CAP_PERFMON'], () =>
      openPinnedMap(path, { kind: 'hash' }, u32, u64).close(),
    )
  })

  it('is not to be had of what an older kernel attaches by', () => {
    const raw = hooks('raw')
    const link = raw.program('raw').attach()
    const restore = interposeBpf((real, command, attributes) =>
      command === 'BPF_OBJ_PIN' || command === 'BPF_LINK_CREATE' ? -22 : real(command, attributes),
    )
    try {
      expect(() => link.pin(join(bpffs.path, 'link'))).toThrow(
        expect.objectContaining({ needs: 'newer_kernel', hint: expect.stringContaining('Linux 5.8') }),
      )
      if (!HOOKS.includes('record')) return
      const record = hooks('record').program('record').attach()
      for (const run of [() => record.pin(join(bpffs.path, 'event')), () => record.info()])
        expect(run).toThrow(
          expect.objectContaining({ code: 'unsupported', hint: expect.stringContaining('Linux 5.15') }),
        )
    } finally {
      restore()
    }
  })

  it('of a whole folder goes when the folder is removed', async () => {
    const before = kernelState()
    const folder = join(bpffs.path, 'folder')
    mkdirSync(folder)
    map().pin(join(folder, 'one'))
    hooks('raw').program('raw').attach().pin(join(folder, 'two'))
    for (const each of opened.splice(0).reverse()) each.close()
    rmSync(folder, { recursive: true })
    await expectNothingLeft(before)
  })
})
