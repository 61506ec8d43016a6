import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { Emitter, type Numbered, numbered } from '../../../../test/support/emitter.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { canRunPrograms } from '../../../../test/support/test-run.js'
import { InvalidSpecError, MemlockError, NotPermittedError } from '../errors.js'
import { perf_event_mmap_page } from '../sys/abi.generated.js'
import { cpuNumberLimit, onlineCpus } from '../sys/cpus.js'
import { libc } from '../sys/libc.js'
import { withMemlock } from '../sys/memlock.js'
import { mapMemory } from '../sys/memory.js'
import { PerfBuffer, type PerfBufferOptions, perfBufferSize } from './perf-buffer.js'

const CPUS = onlineCpus()

/** Perf buffers that no program writes to. */
const open = (options: Partial<PerfBufferOptions> = {}) =>
  new PerfBuffer({ bytesPerCpu: 4096, cpus: CPUS, register: () => undefined, ...options }, numbered(24))

function perfEventParanoid(): number {
  return Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'))
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

/** The memory of perf events that this process has mapped. */
function mappings(): string[] {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('perf_event'))
}

describeKernel('what cannot be a record', () => {
  it('is given up, and counted, rather than read for ever', () => {
    const page = libc().getpagesize()
    let number = -1
    using buffer = open({
      cpus: CPUS.slice(0, 1),
      register: (_cpu, event) => {
        number = event
      },
    })
    // Of a perf buffer's memory, the page with the positions is writable: its head is told to be where nothing was written,
    // and there stand zeros, of which the size is less than that of a header.
    const mapping = mapMemory(number, 2 * page, { writable: true, what: 'the perf buffer, again' })
    const { data_head, data_tail } = perf_event_mmap_page.fields
    const positions = new DataView(mapping.buffer, 0, page)
    positions.setBigUint64(data_head.offset, 640n, true)
    expect(buffer.drain(() => expect.fail('a record of nothing'))).toBe(0)
    expect(buffer).toMatchObject({ malformed: 1, received: 0, lost: 0 })
    expect(positions.getBigUint64(data_tail.offset, true)).toBe(640n)
    expect(buffer.drain(() => expect.fail('a record of nothing'))).toBe(0)
    expect(buffer.malformed).toBe(1)
    mapping.close()
  })
})

describeKernel('perfBufferSize', () => {
  it.each([
    [1, 1],
    [4096, 4096],
    [4097, 8192],
    [100_000, 131_072],
  ])('makes of %i bytes a power of two, and whole pages', (bytes, size) => {
    expect(perfBufferSize(bytes)).toBe(Math.max(size, libc().getpagesize()))
  })

  // A size that no memory could have was passed on: a kernel took it for another, and the process was aborted.
  it.each([0, -1, Number.NaN, 2 ** 30 + 1, 2 ** 45])('is refused for %d bytes', (bytes) => {
    const before = openFiles()
    expect(() => perfBufferSize(bytes)).toThrow(InvalidSpecError)
    expect(() => open({ bytesPerCpu: bytes })).toThrow(InvalidSpecError)
    expect(openFiles()).toEqual(before)
  })
})

describeKernel('a PerfBuffer', () => {
  it('has a buffer and a place in the map for each CPU', () => {
    const registered: [number, number][] = []
    const size = perfBufferSize(10_000)
    using buffer = open({ bytesPerCpu: 10_000, register: (cpu, event) => registered.push([cpu, event]) })
    expect(registered.map(([cpu]) => cpu)).toEqual(CPUS)
    for (const [, event] of registered) expect(openFiles().get(event)).toContain('perf_event')
    expect(buffer).toMatchObject({ kind: 'perf', capacity: size * CPUS.length, received: 0, lost: 0 })
    // A page for the positions, and the data.
    const [from = '', to = ''] = mappings()[0]?.split(' ')[0]?.split('-') ?? []
    expect(Number.parseInt(to, 16) - Number.parseInt(from, 16)).toBeGreaterThanOrEqual(
      size + libc().getpagesize(),
    )
  })

  it('leaves nothing open and nothing mapped when it is closed', () => {
    const before = openFiles()
    const buffer = open()
    expect(openFiles().size).toBe(before.size + CPUS.length + 1)
    buffer.close()
    expect(openFiles()).toEqual(before)
    expect(mappings()).toEqual([])
  })

  it.each([
    [
      'on a CPU that there is not',
      { cpus: [...CPUS, cpuNumberLimit() + 100] },
      /^Cannot open a perf buffer on CPU \d+: E(NODEV|INVAL)$/,
    ],
    [
      'that has no place in the map',
      {
        register: (cpu: number) => {
          if (cpu === CPUS.at(-1)) throw new Error('no place')
        },
      },
      /^no place$/,
    ],
  ])('%s is refused, and leaves nothing behind', (_what, options, message) => {
    const before = openFiles()
    expect(() => open(options)).toThrow(message)
    expect(openFiles()).toEqual(before)
    expect(mappings()).toEqual([])
  })

  it.skipIf(perfEventParanoid() === -1)(
    'that is larger than may be locked says so, and leaves nothing',
    () => {
      const before = openFiles()
      // Everything is permitted but to lock memory, of which a user has kernel.perf_event_mlock_kb for each CPU.
      const error = withCapabilities(['CAP_SYS_ADMIN', 'CAP_PERFMON'], () =>
        withMemlock(65_536n, () => thrownBy(() => open({ bytesPerCpu: 2 ** 28 }).close())),
      )
      expect(error).toBeInstanceOf(MemlockError)
      expect(error).toMatchObject({
        code: 'memlock',
        needs: 'memlock',
        hint: 'Raise kernel.perf_event_mlock_kb or the limit (`ulimit -l unlimited`), or add CAP_IPC_LOCK.',
      })
      expect((error as Error).message).toMatch(
        /^Cannot map the perf buffer of CPU \d+, \d+ bytes: EPERM: more than may be locked$/,
      )
      expect(openFiles()).toEqual(before)
      expect(mappings()).toEqual([])
    },
  )

  it('says which right it takes', () => {
    const before = openFiles()
    const error = withCapabilities(['CAP_BPF'], () => thrownBy(() => open().close()))
    // A host may trust everybody with what happens on a CPU: then nothing is lacking.
    if (perfEventParanoid() <= 0) expect(error).toBeUndefined()
    else {
      expect(error).toBeInstanceOf(NotPermittedError)
      expect(error).toMatchObject({ code: 'not_permitted', needs: 'capabilities' })
    }
    expect(openFiles()).toEqual(before)
  })
})

describeKernelIf(canRunPrograms())('the records of a perf buffer', () => {
  it('that were lost are told with the next that there is room for, exactly', () => {
    using emitter = new Emitter('perf', 4096, numbered(24))
    const lost: number[] = []
    for (let round = 0; round < 5; round++) {
      emitter.emit({ count: 100 * (round + 1) })
      emitter.drained()
      emitter.emit({ count: 1 })
      emitter.drained()
      lost.push(emitter.records.lost)
      const { emitted, refused } = emitter.counts()
      expect(emitter.records.received + emitter.records.lost).toBe(emitted)
      expect(emitter.records.lost).toBe(refused)
    }
    // 4096 bytes hold 85 records of 48 with their header and time: the later rounds lost some.
    expect(lost.at(-1)).toBeGreaterThan(0)
  })

  it('that came while nobody waited end the next wait, though the kernel tells of them once', async () => {
    using emitter = new Emitter('perf', 4096, numbered(24))
    // The first wait always ends: what came before it has been told to nobody.
    await emitter.records.wait()
    emitter.emit({ count: 1 })
    // The loop is told, and nobody waits.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    await emitter.records.wait()
    expect(emitter.drained()).toHaveLength(1)
    // Once: the next one waits.
    let ended = false
    const waiting = emitter.records.wait().then(() => {
      ended = true
    })
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(ended).toBe(false)
    emitter.emit({ count: 1 })
    await waiting
  })

  it.skipIf(CPUS.length < 2)('of one CPU are read also while another writes without end', () => {
    // The first CPU was always read first: as long as it had as many as were asked for, the others lost theirs.
    using emitter = new Emitter('perf', 16 << 10, numbered(24))
    const [busy = 0, calm = 0] = CPUS
    const found: Numbered[] = []
    emitter.emit({ count: 5, first: 1_000_000, cpu: calm })
    for (let round = 0; round < 4; round++) {
      emitter.emit({ count: 100, first: 100 * round, cpu: busy })
      emitter.records.drain((record) => found.push(record), 100)
    }
    expect(found.filter(({ sequence }) => sequence >= 1_000_000).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 5 }, (_, index) => 1_000_000 + index),
    )
  })

  it.skipIf(CPUS.length < 2)('of all CPUs come in the order in which they were written', () => {
    // One CPU was read after the other: a connect that had ended was told after one that ended later.
    using emitter = new Emitter('perf', 16 << 10, numbered(24))
    for (let round = 0; round < 50; round++)
      for (const [index, cpu] of CPUS.entries())
        emitter.emit({ count: 1, first: round * CPUS.length + index, cpu })
    const found: Numbered[] = []
    // Also where they are taken a part at a time.
    while (emitter.records.drain((record) => found.push(record), 7) > 0);
    expect(found.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 50 * CPUS.length }, (_, index) => index),
    )
  })
})
