import { execFileSync } from 'node:child_process'
import { afterEach, expect, it } from 'vitest'
import { hasCommand } from '../../../../test/support/commands.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import {
  RESTRICTION_NAMES,
  type RestrictionName,
  restrictKernel,
} from '../../../../test/support/older-kernel.js'
import { LINUX_4_19, LINUX_5_4 } from '../../../../test/support/older-kernel-names.mjs'
import { u32 } from '../bindings/scalars.js'
import type { Codec } from '../btf/value-codec.js'
import type { RecordDecoder } from '../buffer/record-buffer.js'
import { UnsupportedError } from '../errors.js'
import { forgetFeatures, has } from '../features/feature.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import { probeMapKind } from '../features/maps.js'
import { VerifierError } from '../program/verifier-error.js'
import { interposeBpf } from '../sys/bpf.js'
import { LoopbackSocket } from '../sys/loopback.js'
import { openTracefs } from '../sys/tracefs.js'
import type { BpfObject } from './bpf-object.js'
import { loadObject } from './load-object.js'

/** `struct change` of ladder.bpf.c. */
const change: RecordDecoder<{ pid: number; amount: number; copied: number }> = {
  size: 24,
  read: (view, at) => ({
    pid: view.getUint32(at + 8, true),
    amount: view.getUint32(at + 12, true),
    copied: view.getUint8(at + 16),
  }),
}

/** The count of its `struct known`. */
const known: Codec<number> = {
  size: 32,
  read: (view, at) => Number(view.getBigUint64(at + 24, true)),
  write: (view, at, value) => view.setBigUint64(at + 24, BigInt(value), true),
}

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
  forgetFeatures()
})

function restrict(names: readonly RestrictionName[]): ReadonlyMap<RestrictionName, number> {
  forgetFeatures()
  const { refusals, restore } = restrictKernel(interposeBpf, names)
  opened.push({ close: restore })
  return refusals
}

interface Wanted {
  readonly program: string
  readonly withTypes: boolean
  readonly fromTable?: boolean
}

function load({ program, withTypes, fromTable = false }: Wanted): BpfObject {
  const ring = has(probeMapKind('ringbuf'))
  const object = loadObject(readFixture('ladder'), {
    programs: [program],
    constants: { pid: process.pid, amount: 21, ring_buffer: ring, from_table: fromTable },
    maps: ring ? {} : { events: { kind: 'perf_event_array', maxEntries: 0 } },
    ...(withTypes ? {} : { kernelBtf: 'none' as const }),
  })
  opened.push(object)
  return object
}

const TABLE = [3, 1, 4, 1, 5, 9, 2, 6]

/** Has three sockets listen, and holds what the program said of them against that. */
function expectToWork(object: BpfObject, program: string, amount: number): void {
  const records = object.records('events', change)
  const counts = object.map('known_pids', u32, known)
  counts.set(process.pid, 100)
  using _link = object.program(program).attach()
  for (let count = 0; count < 3; count++) {
    using socket = new LoopbackSocket()
    socket.bind(true)
  }
  const found: unknown[] = []
  while (records.drain((record) => found.push(record)) > 0);
  expect(found).toEqual(Array(3).fill({ pid: process.pid, amount, copied: 1 }))
  expect(counts.get(process.pid)).toBe(103)
  expect([...counts.entries()]).toEqual([[process.pid, 103]])
}

/** Restrictions that loading the object runs into; the others are for what it does not ask for. */
const MET: readonly RestrictionName[] = [
  'no ring buffer',
  'map kinds of 4.19',
  'no batches',
  'helpers of 4.19',
  'helpers of 5.4',
  'no bpf_probe_read_kernel',
  'no BTF at all',
  'attributes of 4.19',
  'no BTF of functions',
  'no BTF of global functions',
  'no BTF floats',
  'no BTF type_tags',
  'no BTF enum64',
]

const tracefs = openTracefs()
if (tracefs.path !== undefined) tracefs.close()
const hasTypes = openKernelBtf() !== undefined

describeKernel('an object, on a kernel as it is', () => {
  it.each(['record', 'raw', 'typed'])('runs: %s', (program) => {
    if (program === 'record' && tracefs.path === undefined) return
    if (program === 'typed' && !hasTypes) return
    expectToWork(load({ program, withTypes: hasTypes }), program, 42)
  })

  it('keeps a table that is used by its address', () => {
    const object = load({ program: 'raw', withTypes: false, fromTable: true })
    expectToWork(object, 'raw', TABLE[process.pid & 7] ?? 0)
  })
})

const COPIES = 'no copies of kernel memory'

describeKernel('an object, on a kernel that has', () => {
  // Those that are named for what only other programs ask for are refused nothing: they must not disturb.
  it.each(RESTRICTION_NAMES.filter((name) => name !== COPIES))(
    '%s, runs all the same',
    async (restriction) => {
      const before = kernelState()
      // No kernel has had ring buffers, and not the helper that writes to them.
      const refusals = restrict(
        restriction.startsWith('helpers of') ? [restriction, 'no ring buffer'] : [restriction],
      )
      expectToWork(load({ program: 'raw', withTypes: false }), 'raw', 42)
      if (MET.includes(restriction)) expect(refusals.get(restriction)).toBeGreaterThan(0)
      for (const each of opened.splice(0).reverse()) each.close()
      await expectNothingLeft(before)
    },
  )
})

describeKernel('an object that copies memory of the kernel, where that is forbidden', () => {
  it('is refused in the verifier’s words', async () => {
    const before = kernelState()
    const refusals = restrict([COPIES])
    expect(() => load({ program: 'raw', withTypes: false })).toThrow(/unknown func/)
    expect(refusals.get(COPIES)).toBeGreaterThan(0)
    await expectNothingLeft(before)
  })
})

describeKernel.each([
  ['Linux 5.4', LINUX_5_4],
  ['Linux 4.19', LINUX_4_19],
] as const)('an object, where nothing is taken that %s does not take', (_name, restrictions) => {
  it.skipIf(tracefs.path === undefined)(
    'runs on the classic tracepoint, without the kernel’s types',
    async () => {
      const before = kernelState()
      const refusals = restrict(restrictions)
      expectToWork(load({ program: 'record', withTypes: false }), 'record', 42)
      expect(refusals.get('no ring buffer')).toBeGreaterThan(0)
      expect(refusals.get('no BTF floats')).toBeGreaterThan(0)
      for (const each of opened.splice(0).reverse()) each.close()
      await expectNothingLeft(before)
    },
  )

  it('runs on the raw tracepoint', () => {
    restrict(restrictions)
    expectToWork(load({ program: 'raw', withTypes: hasTypes }), 'raw', 42)
  })

  it.skipIf(!hasTypes)('has no typed tracepoint, and says what that takes', () => {
    restrict(restrictions)
    const error = thrownBy(() => load({ program: 'typed', withTypes: true }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({
      message: 'Cannot load program typed: this kernel has no programs of type BPF_PROG_TYPE_TRACING',
      needs: 'newer_kernel',
      hint: 'It takes Linux 5.5.',
    })
  })
})

describeKernel('a table that is used by its address', () => {
  it('is there on Linux 5.4', () => {
    restrict(LINUX_5_4)
    expectToWork(
      load({ program: 'raw', withTypes: false, fromTable: true }),
      'raw',
      TABLE[process.pid & 7] ?? 0,
    )
  })

  it('is not to be had on Linux 4.19, which it says, with what that takes', async () => {
    const before = kernelState()
    restrict(LINUX_4_19)
    const error = thrownBy(() => load({ program: 'raw', withTypes: false, fromTable: true }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({
      message: 'Cannot load section .rodata: this kernel has no global data',
      needs: 'newer_kernel',
      hint: 'It takes Linux 5.2. Constants that are read one by one (`const volatile`) need none.',
    })
    await expectNothingLeft(before)
  })

  it.each([
    [
      'no map values',
      VerifierError,
      /^Cannot load program raw: the verifier says: unrecognized bpf_ld_imm64 insn/,
    ],
    ['no freezing', Error, /^Cannot freeze section \.rodata: EINVAL$/],
  ] as const)('needs each of what it takes: %s', async (restriction, type, message) => {
    const before = kernelState()
    restrict([restriction])
    const error = thrownBy(() => load({ program: 'raw', withTypes: false, fromTable: true }))
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toMatch(message)
    await expectNothingLeft(before)
  })
})

describeKernelIf(hasCommand('bpftool'))('the types of its maps', () => {
  // Fields and where they are; of what type each is, an older kernel may not know.
  const FIELDS = [
    ['wide', 0],
    ['share', 64],
    ['pointer', 128],
    ['count', 192],
  ]

  it.each([
    ['as they are', []],
    ['as Linux 5.4 takes them', LINUX_5_4],
    ['as Linux 4.19 takes them', LINUX_4_19],
  ] as const)('show bpftool its fields, %s', (_how, restrictions) => {
    restrict(restrictions)
    const object = load({ program: 'raw', withTypes: false })
    const { fileDescriptor } = object.map('known_pids', u32, known)
    const id = String(mapId(fileDescriptor))
    const dump = execFileSync('bpftool', ['btf', 'dump', 'map', 'id', id], { encoding: 'utf8' })
    const fields = [...dump.matchAll(/^\t'(\w+)' type_id=\d+ bits_offset=(\d+)$/gm)].map(([, name, at]) => [
      name,
      Number(at),
    ])
    expect(fields).toEqual(FIELDS)
    expect(dump).toContain("STRUCT 'known' size=32")
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
