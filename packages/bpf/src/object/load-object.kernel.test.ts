import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { copy, exit } from '../../../../test/support/code.js'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mapId, programId } from '../../../../test/support/kernel-info.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { u32, u64 } from '../bindings/scalars.js'
import {
  InvalidSpecError,
  NotFoundError,
  SystemCallError,
  UnresolvedRelocationError,
  UnsupportedError,
} from '../errors.js'
import { YES } from '../features/feature.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import { probeReadOnlyMaps } from '../features/maps.js'
import { VerifierError } from '../program/verifier-error.js'
import { type BpfCommand, interposeBpf } from '../sys/bpf.js'
import { type LoadOptions, loadObject } from './load-object.js'

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function load(fixture: 'hooks' | 'ladder', options: LoadOptions) {
  const object = loadObject(readFixture(fixture), options)
  opened.push(object)
  return object
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describeKernel('an object that is loaded', () => {
  it('has the programs that were asked for, and the maps that they use', () => {
    const object = load('ladder', { programs: ['raw'], constants: { ring_buffer: true } })
    expect([...object.programs.keys()]).toEqual(['raw'])
    expect(new Set(object.mapNames)).toEqual(new Set(['events', 'known_pids']))
  })

  it('is without maps that no program of it uses', () => {
    const object = load('hooks', { programs: ['filter'] })
    expect(object.mapNames).toEqual([])
    expect(() => object.map('hits', u32, u64)).toThrow(
      new NotFoundError(
        'Map hits was not created: the object does not have it, or no program that was loaded uses it',
      ),
    )
  })

  it.skipIf(!hasCommand('bpftool'))('makes values of another size, which are then of no type', () => {
    const object = load('ladder', {
      programs: ['raw'],
      constants: { ring_buffer: true },
      maps: { known_pids: { valueSize: 64 } },
    })
    const map = object.map('known_pids', u32, { ...u64, size: 64 })
    expect(
      jsonOf<Record<string, unknown>>(
        'bpftool',
        ...['-j', 'map', 'show', 'id', String(mapId(map.fileDescriptor))],
      ),
    ).toMatchObject({ bytes_value: 64 })
    expect(() => object.map('known_pids', u32, { ...u64, size: 32 })).toThrow(
      'values of 64 bytes, not 4 and 32',
    )
  })

  it.skipIf(!hasCommand('bpftool'))('has maps and programs as was asked for, as bpftool sees them', () => {
    const object = load('ladder', {
      programs: ['raw'],
      constants: { ring_buffer: true },
      maps: { known_pids: { maxEntries: 333, flags: 1 }, events: { maxEntries: 1 << 13 } },
    })
    const map = object.map('known_pids', u32, { ...u64, size: 32 })
    const show = (kind: string, id: number) =>
      jsonOf<Record<string, unknown>>('bpftool', '-j', kind, 'show', 'id', String(id))
    expect(show('map', mapId(map.fileDescriptor))).toMatchObject({
      type: 'hash',
      name: 'known_pids',
      max_entries: 333,
      flags: 1,
    })
    const shown = show('prog', programId(object.program('raw').fileDescriptor))
    expect(shown).toMatchObject({ type: 'raw_tracepoint', name: 'raw', gpl_compatible: true })
    expect(shown['map_ids']).toHaveLength(2)
    expect(shown['map_ids']).toContain(mapId(map.fileDescriptor))
  })
})

describeKernel('what an object does not have', () => {
  it.each([
    [
      'a program',
      { programs: ['raw', 'nothing'] },
      'The object has no program nothing; it has record, raw, typed',
    ],
    ['a map', { maps: { nothing: {} } }, 'The object has no map nothing; it has events, known_pids'],
    [
      'a constant',
      { constants: { nothing: 1 } },
      'Cannot set constant nothing: the object has pid, amount, ring_buffer, from_table, table',
    ],
  ] as [string, LoadOptions, string][])('is not found: %s', (_what, options, message) => {
    const before = openFiles()
    const error = thrownBy(() => load('ladder', options))
    expect(error).toBeInstanceOf(NotFoundError)
    expect((error as Error).message).toBe(message)
    expect(openFiles()).toEqual(before)
  })

  it('does not fit: a constant', () => {
    expect(() => load('ladder', { constants: { pid: -1 } })).toThrow(InvalidSpecError)
  })
})

describeKernel('an object that cannot be loaded to its end leaves nothing behind', () => {
  it('when its second program is refused', async () => {
    const before = [kernelState(), openFiles()] as const
    const spec = readFixture('hooks')
    const second = spec.functions.get('reads_too_far')
    if (second === undefined) throw new Error('the fixture has changed')
    second.code = [copy(0, 7), exit()]
    const error = thrownBy(() => loadObject(spec, { programs: ['raw', 'reads_too_far'] }))
    expect(error).toBeInstanceOf(VerifierError)
    expect(error).toMatchObject({ program: 'reads_too_far' })
    expect((error as VerifierError).message).toContain('R7 !read_ok')
    expect(openFiles()).toEqual(before[1])
    await expectNothingLeft(before[0])
  })

  it.each([
    ['its first map', 'BPF_MAP_CREATE', 1],
    ['its second map', 'BPF_MAP_CREATE', 2],
    ['its third map', 'BPF_MAP_CREATE', 3],
    ['the contents of its data', 'BPF_MAP_UPDATE_ELEM', 1],
    ['its data to be frozen', 'BPF_MAP_FREEZE', 1],
  ] as [string, BpfCommand, number][])('when it does not get %s', async (_what, refused, which) => {
    // Asked before, so that what is counted are the object's own maps.
    expect(probeReadOnlyMaps()).toEqual(YES)
    const before = [kernelState(), openFiles()] as const
    let calls = 0
    opened.push({
      close: interposeBpf((real, command, attributes) =>
        command === refused && ++calls === which ? -12 : real(command, attributes),
      ),
    })
    const error = thrownBy(() =>
      loadObject(readFixture('ladder'), {
        programs: ['raw'],
        constants: { ring_buffer: true, from_table: true },
      }),
    )
    expect(error).toBeInstanceOf(SystemCallError)
    expect(error).toMatchObject({ errnoName: 'ENOMEM' })
    expect(openFiles()).toEqual(before[1])
    await expectNothingLeft(before[0])
  })
})

describeKernelIf(openKernelBtf() !== undefined)('a kernel without types', () => {
  it('has no typed tracepoints, and the error says what it takes', () => {
    const error = thrownBy(() => load('hooks', { programs: ['typed'], kernelBtf: 'none' }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({
      message:
        "Typed tracepoints (tp_btf) need the kernel's BTF, and there is none at /sys/kernel/btf/vmlinux",
      needs: 'kernel_btf',
      hint: 'They take a kernel built with CONFIG_DEBUG_INFO_BTF=y, Linux 5.5 or later; raw tracepoints do without.',
    })
  })

  it('cannot have its structs read, and the error says what it takes', () => {
    load('hooks', { programs: ['needs_types'] })
    const error = thrownBy(() => load('hooks', { programs: ['needs_types'], kernelBtf: 'none' }))
    expect(error).toBeInstanceOf(UnresolvedRelocationError)
    expect(error).toMatchObject({
      message:
        "Cannot relocate needs_types: it needs the kernel's types, and there is no BTF at /sys/kernel/btf/vmlinux",
      needs: 'kernel_btf',
      hint: 'It takes a kernel built with CONFIG_DEBUG_INFO_BTF=y.',
    })
    expect((error as Error).cause).toBeInstanceOf(UnresolvedRelocationError)
  })

  it('may be given the types of another, which name no tracepoint of its own', () => {
    const kernelBtf = readFixture('hooks').btf
    if (kernelBtf === undefined) throw new Error('the fixture has no types')
    const error = thrownBy(() => load('hooks', { programs: ['typed'], kernelBtf }))
    expect(error).toBeInstanceOf(NotFoundError)
    expect((error as Error).message).toBe('This kernel has no tracepoint inet_sock_set_state')
  })
})

describeKernel('a program that cannot be loaded', () => {
  it('is one of a section that is not known', () => {
    const spec = readFixture('hooks')
    const filter = spec.programs.get('filter')
    if (filter === undefined) throw new Error('the fixture has changed')
    filter.attach = { kind: 'unknown', section: 'xdp' }
    const error = thrownBy(() => loadObject(spec, { programs: ['filter'] }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect((error as Error).message).toBe(
      'Cannot load program filter: programs in section xdp are not supported',
    )
  })

  it.skipIf(!hasCommand('unshare') || !hasCommand('setpriv'))(
    'is one for a tracepoint’s record, where there is no tracefs and may be none',
    () => {
      const fixture = fileURLToPath(new URL('../../../../test/kernel-fixtures/hooks.bpf.o', import.meta.url))
      const script = `for place in $(awk '$3 == "tracefs" || $3 == "debugfs" { print $2 }' /proc/self/mounts); do umount -l $place; done; exec "$0" "$@"`
      const answers = runBuilt<unknown>(
        `const { loadObject } = await import(dist + 'object/load-object.js')
         const { readObject } = await import(dist + 'spec/read-object.js')
         const { readFileSync } = await import('node:fs')
         const spec = readObject(readFileSync(${JSON.stringify(fixture)}))
         try { loadObject(spec, { programs: ['record'] }) } catch ({ message, needs, hint, code }) { answer({ message, needs, hint, code }) }`,
        { prefix: ['unshare', '-m', 'sh', '-c', script, 'setpriv', '--bounding-set', '-sys_admin'] },
      )
      expect(answers).toEqual([
        {
          message:
            'Classic tracepoints need tracefs: tracefs is not mounted, and mounting it privately failed: EPERM',
          needs: 'tracefs',
          hint: 'Mount it (`mount -t tracefs tracefs /sys/kernel/tracing`), or run with CAP_SYS_ADMIN.',
          code: 'unsupported',
        },
      ])
    },
  )
})
