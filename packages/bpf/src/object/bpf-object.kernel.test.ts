import { afterEach, expect, it } from 'vitest'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { Emitter, numbered } from '../../../../test/support/emitter.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { canRunPrograms } from '../../../../test/support/test-run.js'
import { u32, u64 } from '../bindings/scalars.js'
import type { Codec } from '../btf/value-codec.js'
import { ClosedError, InvalidSpecError, NotFoundError } from '../errors.js'
import { interposeBpf } from '../sys/bpf.js'
import { onlineCpus } from '../sys/cpus.js'
import type { BpfObject } from './bpf-object.js'
import { loadObject } from './load-object.js'

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

const counts: Codec<number> = { ...u32, size: 16 }

function load(kind: 'ringbuf' | 'perf' = 'perf'): BpfObject {
  const object = loadObject(readFixture('emit'), {
    programs: ['emit'],
    constants: { ring_buffer: kind === 'ringbuf' },
    maps: kind === 'perf' ? { events: { kind: 'perf_event_array', maxEntries: 0 } } : {},
  })
  opened.push(object)
  return object
}

describeKernel('the parts of an object', () => {
  it('are asked for by their names', () => {
    const object = load()
    expect(object.program('emit').name).toBe('emit')
    expect(() => object.program('other')).toThrow(new NotFoundError('Program other was not loaded; emit was'))
    expect(() => object.map('other', u32, u64)).toThrow(NotFoundError)
    expect(() => object.records('other', numbered(8))).toThrow(NotFoundError)
  })

  it('are what they are: a map of each CPU’s values is no other', () => {
    const object = load()
    expect(() => object.map('counts', u32, counts)).toThrow(
      new InvalidSpecError('Map counts has a value for each CPU'),
    )
    expect(() => object.records('counts', numbered(8))).toThrow(
      new InvalidSpecError('Map counts (percpu_array) carries no records'),
    )
    const hooks = loadObject(readFixture('hooks'), { programs: ['raw'] })
    opened.push(hooks)
    expect(() => hooks.perCpuMap('hits', u32, u64)).toThrow(
      new InvalidSpecError('Map hits has one value for all CPUs'),
    )
  })

  it('have keys and values of the sizes that they were declared with', () => {
    const object = load()
    expect(() => object.perCpuMap('counts', u32, u64)).toThrow(
      new InvalidSpecError('Map counts has keys of 4 and values of 16 bytes, not 4 and 8'),
    )
    expect(() => object.perCpuMap('counts', u64, counts)).toThrow(
      new InvalidSpecError('Map counts has keys of 4 and values of 16 bytes, not 8 and 16'),
    )
  })
})

describeKernelIf(canRunPrograms() && hasCommand('bpftool'))('a map of an object', () => {
  it('has fields that bpftool shows, by the types of the object', () => {
    using emitter = new Emitter('ringbuf', 4096, numbered(24))
    const cpu = onlineCpus().at(-1) ?? 0
    emitter.emit({ count: 5, cpu })
    const map = emitter.object.perCpuMap('counts', u32, counts)
    const [entry] = jsonOf<readonly { formatted: { values: readonly { cpu: number; value: unknown }[] } }[]>(
      ...(['bpftool', '-j', 'map', 'dump', 'id', String(mapId(map.fileDescriptor))] as const),
    )
    expect(entry?.formatted.values).toContainEqual({ cpu, value: { emitted: 5, refused: 0 } })
    expect(
      entry?.formatted.values.filter(({ value }) => (value as { emitted: number }).emitted > 0),
    ).toHaveLength(1)
  })
})

describeKernel('closing an object', () => {
  it('leaves nothing open and nothing in the kernel', async () => {
    const before = [kernelState(), openFiles()] as const
    for (const kind of canRunPrograms() ? (['ringbuf', 'perf'] as const) : (['perf'] as const)) {
      const object = load(kind)
      object.records('events', numbered(24))
      object.program('emit').attach()
      object.close()
      object.close()
    }
    expect(openFiles()).toEqual(before[1])
    await expectNothingLeft(before[0])
  })

  it('closes what hangs on it first, the last first, and its programs and maps after that', () => {
    const object = load()
    const order: string[] = []
    const part = (name: string) => ({
      close: () => {
        order.push(
          `${name}, program ${isOpen(() => object.program('emit').fileDescriptor)}, map ${isOpen(() => map.fileDescriptor)}`,
        )
      },
    })
    const map = object.perCpuMap('counts', u32, counts)
    object.own(part('first'))
    object.own(part('second'))
    object.close()
    expect(order).toEqual(['second, program open, map open', 'first, program open, map open'])
    expect(isOpen(() => object.program('emit').fileDescriptor)).toBe('closed')
    expect(isOpen(() => map.fileDescriptor)).toBe('closed')
  })

  it('ends what is read from it', () => {
    const object = load()
    const records = object.records('events', numbered(24))
    object.close()
    expect(records.drain(() => expect.fail('a record'))).toBe(0)
    expect(() => object.perCpuMap('counts', u32, counts).get(0)).toThrow(ClosedError)
  })

  it('comes at the end of a block', () => {
    const before = openFiles()
    {
      using object = loadObject(readFixture('hooks'), { programs: ['raw'] })
      object.program('raw').attach()
      expect(openFiles()).not.toEqual(before)
    }
    expect(openFiles()).toEqual(before)
  })
})

describeKernel('perf buffers that cannot be put into their map', () => {
  it('are an error that names the CPU, and leave nothing', () => {
    const object = load()
    const before = openFiles()
    let calls = 0
    opened.push({
      close: interposeBpf((real, command, attributes) =>
        command === 'BPF_MAP_UPDATE_ELEM' && ++calls === onlineCpus().length
          ? -22
          : real(command, attributes),
      ),
    })
    expect(() => object.records('events', numbered(24))).toThrow(
      `Cannot register the perf buffer of CPU ${onlineCpus().at(-1)}: EINVAL`,
    )
    expect(openFiles()).toEqual(before)
  })
})

function isOpen(use: () => unknown): 'open' | 'closed' {
  try {
    use()
    return 'open'
  } catch (error) {
    if (error instanceof ClosedError) return 'closed'
    throw error
  }
}
