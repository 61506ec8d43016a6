import { afterEach, expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { type RestrictionName, restrictKernel } from '../../../../test/support/older-kernel.js'
import { kernelObjects } from '../../../../test/support/programs-in-kernel.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import { NotPermittedError, SystemCallError, UnsupportedError } from '../errors.js'
import { addInt } from '../features/btf-support.js'
import { forgetFeatures } from '../features/feature.js'
import { interposeBpf } from '../sys/bpf.js'
import { tryLoadBtf } from '../sys/btf.js'
import { cpuNumberLimit } from '../sys/cpus.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { createMap, type MapShape } from './create-map.js'

const SHAPE: MapShape = {
  name: 'tested',
  kind: 'hash',
  keySize: 4,
  valueSize: 4,
  maxEntries: 16,
  flags: 0,
}

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function create(shape: Partial<MapShape>): FileDescriptor {
  const fd = new FileDescriptor(createMap({ ...SHAPE, ...shape }), 'map')
  opened.push(fd)
  return fd
}

function restrict(names: readonly RestrictionName[]): ReadonlyMap<RestrictionName, number> {
  forgetFeatures()
  const { refusals, restore } = restrictKernel(interposeBpf, names)
  opened.push({ close: restore }, { close: forgetFeatures })
  return refusals
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

interface Shown {
  readonly type: string
  readonly name: string
  readonly flags: number
  readonly bytes_key: number
  readonly bytes_value: number
  readonly max_entries: number
  readonly btf_id?: number
}

/** What bpftool(8) says of a map. */
const shown = (fd: FileDescriptor) =>
  jsonOf<Shown>('bpftool', '-j', 'map', 'show', 'id', String(mapId(fd.number)))

describeKernelIf(hasCommand('bpftool'))('a map that was created', () => {
  it.each([
    ['hash', { keySize: 12, valueSize: 100, maxEntries: 77, flags: 1 }],
    ['percpu_array', { keySize: 4, valueSize: 20, maxEntries: 3, flags: 0 }],
    ['lru_hash', { keySize: 8, valueSize: 8, maxEntries: 1000, flags: 0 }],
    ['lpm_trie', { keySize: 20, valueSize: 4, maxEntries: 5, flags: 1 }],
  ] as const)('of kind %s is as it was asked for, as bpftool sees it', (kind, shape) => {
    expect(shown(create({ kind, ...shape }))).toMatchObject({
      type: kind,
      name: 'tested',
      bytes_key: shape.keySize,
      bytes_value: shape.valueSize,
      max_entries: shape.maxEntries,
      flags: shape.flags,
    })
  })

  it.each([
    ['.rodata', '_rodata'],
    ['a name with spaces and more', 'a_name_with_spa'],
    ['Größe', 'Gr__e'],
  ])('with the name %j has one that the kernel takes', (name, expected) => {
    expect(shown(create({ name })).name).toBe(expected)
  })

  it('for perf events has a place for each number of a CPU, whatever its records are', () => {
    const fd = create({ kind: 'perf_event_array', keySize: 0, valueSize: 24, maxEntries: 0 })
    expect(shown(fd)).toMatchObject({ bytes_key: 4, bytes_value: 4, max_entries: cpuNumberLimit() })
  })
})

describeKernelIf(hasCommand('bpftool'))('the types of a map', () => {
  /** BTF in the kernel, of one integer. */
  function loadInt(): { fd: number; id: number } {
    const builder = new BtfBuilder()
    const id = addInt(builder)
    const fd = new FileDescriptor(tryLoadBtf(builder.bytes()), 'BTF')
    opened.push(fd)
    return { fd: fd.number, id }
  }

  it('are known to whoever looks at it', () => {
    const { fd, id } = loadInt()
    expect(shown(create({ btf: { fd, key: id, value: id } })).btf_id).toBeGreaterThan(0)
  })

  it('are left out where the kernel will not have them', () => {
    const { fd, id } = loadInt()
    // Four bytes of type for a value of eight.
    const map = create({ valueSize: 8, btf: { fd, key: id, value: id } })
    expect(shown(map)).toMatchObject({ bytes_value: 8 })
    expect(shown(map).btf_id ?? 0).toBe(0)
  })

  it('are not given for a map that has none', () => {
    const { fd, id } = loadInt()
    expect(shown(create({ kind: 'queue', keySize: 0, btf: { fd, key: id, value: id } })).btf_id ?? 0).toBe(0)
  })
})

describeKernel('a map that the kernel refuses', () => {
  it('is an error that says which', () => {
    expect(thrownBy(() => create({ keySize: 0 }))).toMatchObject({
      message: 'Cannot create map tested (hash, 16 entries): EINVAL',
      code: 'system_call',
      errnoName: 'EINVAL',
    })
  })

  it('because it has no such kind says what it takes', () => {
    const refusals = restrict(['no ring buffer'])
    const error = thrownBy(() => create({ kind: 'ringbuf', keySize: 0, valueSize: 24, maxEntries: 4096 }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({
      message: 'Cannot create map tested (ringbuf, 4096 bytes): this kernel has no maps of kind ringbuf',
      hint: 'It takes Linux 5.8.',
      needs: 'newer_kernel',
    })
    expect(refusals.get('no ring buffer')).toBeGreaterThan(1)
  })

  it('for its shape is not one of a kind that there is not', () => {
    // Not a power of two.
    const error = thrownBy(() => create({ kind: 'ringbuf', keySize: 0, valueSize: 24, maxEntries: 5000 }))
    expect(error).not.toBeInstanceOf(UnsupportedError)
    expect(error).toBeInstanceOf(SystemCallError)
  })

  it('for lack of a right says which right', () => {
    const error = withCapabilities(['CAP_NET_ADMIN'], () => thrownBy(() => create({})))
    expect(error).toBeInstanceOf(NotPermittedError)
    expect(error).toMatchObject({
      message: 'Cannot create map tested (hash, 16 entries): not permitted',
      code: 'not_permitted',
      errnoName: 'EPERM',
      needs: 'capabilities',
      hint: 'Run it as root, or with CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8).',
    })
  })

  it('leaves nothing in the kernel', () => {
    const { maps } = kernelObjects()
    expect(() => create({ keySize: 0 })).toThrow(SystemCallError)
    expect(kernelObjects().maps.filter((id) => !maps.includes(id))).toEqual([])
  })
})

const WITH_LIMIT = hasCommand('prlimit') && hasCommand('setpriv')

interface Attempt {
  readonly counted: string
  readonly error?: { readonly message: string; readonly code: string; readonly needs: string }
  /** The soft limit afterwards. */
  readonly soft: string
}

/**
 * Has a process that may not raise its limit create a map of 10,000 entries.
 *
 * @param before program text that runs first
 */
function attempt(limits: string, before = ''): Attempt | undefined {
  return runBuilt<Attempt>(
    `const { createMap } = await import(dist + 'map/create-map.js')
     const { interposeBpf } = await import(dist + 'sys/bpf.js')
     const { probeMemlockCounted } = await import(dist + 'features/memlock.js')
     const { readFileSync } = await import('node:fs')
     const limit = () => /^Max locked memory +(\\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1]
     ${before}
     const counted = probeMemlockCounted().state
     let error
     try {
       createMap({ name: 'tested', kind: 'hash', keySize: 4, valueSize: 4, maxEntries: 10000, flags: 0 })
     } catch ({ message, code, needs }) {
       error = { message, code, needs }
     }
     answer({ counted, error, soft: limit() })`,
    { prefix: ['prlimit', `--memlock=${limits}`, 'setpriv', '--bounding-set', '-sys_resource'] },
  )[0]
}

/** A kernel before Linux 5.11: what a map takes, sixteen bytes an entry, is held against the limit. */
const COUNTING = `
  interposeBpf((real, command, attributes) =>
    command === 'BPF_MAP_CREATE' && attributes.view.getUint32(12, true) * 16 > Number(limit()) ? -1 : real(command, attributes))`

describeKernelIf(WITH_LIMIT)('locked memory', () => {
  it('that the kernel counts, and that may not be raised, is told with the limit', () => {
    expect(attempt('65536:65536', COUNTING)).toEqual({
      counted: 'yes',
      error: {
        message:
          'Cannot create map tested (hash, 10000 entries): this kernel counts it as locked memory, of which 64 KiB are allowed (RLIMIT_MEMLOCK)',
        code: 'memlock',
        needs: 'memlock',
      },
      soft: '65536',
    })
  })

  it('is raised as far as may be, and the map created', () => {
    expect(attempt('65536:4194304', COUNTING)).toEqual({ counted: 'yes', soft: '4194304' })
  })

  it('of this kernel is counted, and told, or does not matter', () => {
    const found = attempt('65536:65536')
    expect(found).toMatchObject(
      found?.counted === 'yes' ? { error: { code: 'memlock', needs: 'memlock' } } : { counted: 'no' },
    )
    if (found?.counted === 'no') expect(found.error).toBeUndefined()
  })

  it('is neither raised nor blamed where the kernel does not count it, whatever it refused for', () => {
    // Any EPERM raised it, and a right that was lacking was told as memory that was, on kernels that do not count.
    const refusing = `
      interposeBpf((real, command, attributes) =>
        command === 'BPF_MAP_CREATE' && attributes.view.getUint32(12, true) === 10000 ? -1 : real(command, attributes))`
    const found = attempt('65536:131072', refusing)
    expect(found).toMatchObject(
      found?.counted === 'yes'
        ? { error: { code: 'memlock' } }
        : { error: { code: 'not_permitted', needs: 'capabilities' }, soft: '65536' },
    )
  })
})
