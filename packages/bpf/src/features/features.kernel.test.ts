import { afterEach, beforeEach, expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { type RestrictionName, restrictKernel } from '../../../../test/support/older-kernel.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { MAP_KINDS, type MapKind } from '../spec/map-kind.js'
import { interposeBpf } from '../sys/bpf.js'
import { probeBtfSupport } from './btf-support.js'
import { type Feature, forgetFeatures, YES } from './feature.js'
import { probeHelper } from './helpers.js'
import { openKernelBtf } from './kernel-btf.js'
import { probeMapKind, probeReadOnlyMaps } from './maps.js'
import { probeMemlockCounted } from './memlock.js'

const RAW = { type: 'BPF_PROG_TYPE_RAW_TRACEPOINT' } as const
const PROBE_READ_KERNEL = 113
const KINDS = MAP_KINDS.filter((kind) => kind !== 'unspec')

let restore: () => void = () => undefined

beforeEach(forgetFeatures)

afterEach(() => {
  restore()
  restore = () => undefined
  forgetFeatures()
})

function restrict(...names: readonly RestrictionName[]): void {
  restore = restrictKernel(interposeBpf, names).restore
}

/** Answers every call with an error number. */
function refuse(number: number): void {
  restore = interposeBpf(() => -number)
}

describeKernelIf(hasCommand('bpftool'))('the kinds of map', () => {
  it('are there as bpftool says, and as the kernel’s own types name them', () => {
    // Those that need more than sizes were taken for missing: types, an inner map, a flag.
    const { map_types: said } = jsonOf<{ map_types: Record<string, boolean> }>(
      ...(['bpftool', '-j', 'feature', 'probe', 'kernel'] as const),
    )
    const named = openKernelBtf()
      ?.find('enum', 'bpf_map_type')
      ?.type.enumerators.map(({ name }) => name)
    const expected = new Map<MapKind, boolean>()
    for (const kind of KINDS) {
      const told = said[`have_${kind}_map_type`]
      if (told !== undefined) expected.set(kind, told)
      else if (named !== undefined)
        expected.set(
          kind,
          named.some((name) => name.startsWith(`BPF_MAP_TYPE_${kind.toUpperCase()}`)),
        )
    }
    const probed = new Map([...expected.keys()].map((kind) => [kind, probeMapKind(kind).state === 'yes']))
    expect(probed).toEqual(expected)
    expect(expected.size).toBeGreaterThan(25)
  })
})

describeKernel('probing maps', () => {
  it('leaves nothing open', () => {
    const before = openFiles()
    for (const kind of KINDS) probeMapKind(kind)
    probeReadOnlyMaps()
    expect(openFiles()).toEqual(before)
  })

  it('says what a kind takes that the kernel does not have', () => {
    restrict('map kinds of 4.19')
    const takes = (kind: MapKind) => {
      const answer = probeMapKind(kind)
      return answer.state === 'no' ? answer.takes : answer.state
    }
    expect(
      ['ringbuf', 'queue', 'sk_storage', 'bloom_filter', 'hash'].map((kind) => takes(kind as MapKind)),
    ).toEqual(['Linux 5.8', 'Linux 4.20', 'Linux 5.2', 'Linux 5.16', 'yes'])
  })

  it('says that maps cannot be kept from being written to, and what that takes', () => {
    expect(probeReadOnlyMaps()).toEqual(YES)
    forgetFeatures()
    restrict('no read-only maps')
    expect(probeReadOnlyMaps()).toEqual({ state: 'no', takes: 'Linux 5.2' })
    expect(probeMapKind('array')).toEqual(YES)
  })

  it('cannot tell without the right, and asks again once it is there', () => {
    const without = withCapabilities([], () => [
      probeMapKind('ringbuf'),
      probeMapKind('task_storage'),
      probeMapKind('hash_of_maps'),
      probeReadOnlyMaps(),
    ])
    expect(without).toEqual(Array(4).fill({ state: 'unknown', why: 'creating a map is not permitted' }))
    expect(probeReadOnlyMaps()).toEqual(YES)
    expect(withCapabilities([], probeReadOnlyMaps)).toEqual(YES)
  })

  it('cannot tell where creating fails for a reason of its own, and says which', () => {
    refuse(12)
    const cannot: Feature = { state: 'unknown', why: 'creating a map: ENOMEM' }
    expect(probeMapKind('hash')).toEqual(cannot)
    expect(probeMapKind('array_of_maps')).toEqual(cannot)
    expect(probeReadOnlyMaps()).toEqual(cannot)
  })

  it('asks the kernel once for what it has and for what it has not', () => {
    let calls = 0
    restore = interposeBpf((real, command, attributes) => {
      calls++
      return real(command, attributes)
    })
    for (let times = 0; times < 5; times++) probeMapKind('hash')
    expect(calls).toBe(1)
    restore()
    restrict('no ring buffer')
    expect(probeMapKind('ringbuf').state).toBe('no')
    restore()
    expect(probeMapKind('ringbuf').state).toBe('no')
  })
})

describeKernel('probing helpers', () => {
  it('tells those of a kind of program apart', () => {
    const answers = (number: number) => [
      probeHelper(number, RAW).state,
      probeHelper(number, { type: 'BPF_PROG_TYPE_SOCKET_FILTER' }).state,
    ]
    // bpf_ktime_get_ns is for all, bpf_skb_load_bytes for programs that see a packet, bpf_probe_read for those that trace.
    expect(answers(5)).toEqual(['yes', 'yes'])
    expect(answers(26)).toEqual(['no', 'yes'])
    expect(answers(4)).toEqual(['yes', 'no'])
  })

  it('has none behind the last that the kernel’s own types name', () => {
    const last = Math.max(
      ...(openKernelBtf()
        ?.find('enum', 'bpf_func_id')
        ?.type.enumerators.map(({ value }) => Number(value)) ?? [211]),
    )
    for (const number of [last + 1, 9999])
      expect(probeHelper(number, RAW)).toEqual({ state: 'no', takes: 'a newer Linux' })
  })

  it.each(['helpers of 5.4', 'helpers of 4.19', 'no bpf_probe_read_kernel'] as const)(
    'understands how a kernel says that it has none: %s',
    (restriction) => {
      expect(probeHelper(PROBE_READ_KERNEL, RAW)).toEqual(YES)
      forgetFeatures()
      restrict(restriction)
      expect(probeHelper(PROBE_READ_KERNEL, RAW)).toEqual({ state: 'no', takes: 'Linux 5.5' })
      expect(probeHelper(4, RAW)).toEqual(YES)
    },
  )

  it('cannot tell without the right, and asks again once it is there', () => {
    const without = withCapabilities([], () => probeHelper(4, RAW))
    expect(without).toEqual({ state: 'unknown', why: 'loading a program is not permitted' })
    expect(probeHelper(4, RAW)).toEqual(YES)
  })

  it('cannot tell where the program is refused before its call is looked at', () => {
    // Any refusal but that of the helper was a yes: also of a program that no kernel could have loaded.
    const nowhere = {
      type: 'BPF_PROG_TYPE_TRACING',
      attachType: 'BPF_TRACE_RAW_TP',
      attachBtfId: 0x7fff_ffff,
    } as const
    expect(probeHelper(PROBE_READ_KERNEL, nowhere).state).toBe('unknown')
    restrict('program types of 5.4')
    expect(probeHelper(PROBE_READ_KERNEL, nowhere)).toEqual({
      state: 'unknown',
      why: 'the probe was refused: EINVAL',
    })
  })

  it('leaves nothing open', () => {
    const before = openFiles()
    for (const number of [1, 4, 5, 26, PROBE_READ_KERNEL]) probeHelper(number, RAW)
    expect(openFiles()).toEqual(before)
  })
})

describeKernel('probing BTF', () => {
  const ALL = probeBtfSupport()

  it('has what the kernel’s own BTF is made of', () => {
    const btf = openKernelBtf()
    if (btf === undefined) return
    const kinds = new Set<string>()
    for (let id = 1; id < btf.endId; id++) kinds.add(btf.type(id).kind)
    const made = (kind: string, supported: boolean) => (kinds.has(kind) ? supported : true)
    expect(kinds.has('func')).toBe(true)
    expect([
      made('func', ALL.functions),
      made('datasec', ALL.variables),
      made('float', ALL.float),
      made('decl_tag', ALL.declTag),
      made('type_tag', ALL.typeTag),
      made('enum64', ALL.enum64),
    ]).toEqual(Array(6).fill(true))
  })

  it.each([
    ['no BTF of functions', ['functions', 'globalFunctions']],
    ['no BTF of variables', ['variables']],
    ['no BTF of global functions', ['globalFunctions']],
    ['no BTF floats', ['float']],
    ['no BTF decl_tags', ['declTag']],
    ['no BTF type_tags', ['typeTag']],
    ['no BTF enum64', ['enum64']],
    ['no BTF at all', Object.keys(ALL)],
  ] as const)('tells each kind by itself: %s', (restriction, lacking) => {
    restrict(restriction)
    const expected = Object.fromEntries(
      Object.entries(ALL).map(([name, there]) => [
        name,
        there && !(lacking as readonly string[]).includes(name),
      ]),
    )
    expect(probeBtfSupport()).toEqual(expected)
  })

  it('counts what cannot be told as not there, and asks again', () => {
    const none = Object.fromEntries(Object.keys(ALL).map((name) => [name, false]))
    expect(withCapabilities([], probeBtfSupport)).toEqual(none)
    expect(probeBtfSupport()).toEqual(ALL)
  })

  it('leaves nothing open', () => {
    const before = openFiles()
    probeBtfSupport()
    expect(openFiles()).toEqual(before)
  })
})

describeKernel('whether locked memory is counted', () => {
  it('is told by creating a map under no limit at all', () => {
    restrict('memlock is counted')
    expect(probeMemlockCounted()).toEqual(YES)
  })

  it('cannot be told where no map may be created at all', () => {
    expect(withCapabilities([], probeMemlockCounted)).toEqual({
      state: 'unknown',
      why: 'creating a map is not permitted',
    })
  })

  it.skipIf(!['bpftool', 'setpriv', 'prlimit', 'unshare'].every(hasCommand))(
    'is as bpftool finds that it can create a map under no limit',
    () => {
      const script = `mount -t bpf none /mnt || exit 1
        setpriv --bounding-set -sys_resource prlimit --memlock=0:0 bpftool map create /mnt/m type array key 4 value 4 entries 1 name m >/dev/null 2>&1 && created=true || created=false
        exec "$0" "$@" $created`
      const [created] = runBuilt<string>('answer(process.argv.at(-1))', {
        prefix: ['unshare', '-m', 'sh', '-c', script],
      })
      const answer = probeMemlockCounted()
      expect(answer).toEqual(created === 'true' ? { state: 'no', takes: 'Linux before 5.11' } : YES)
    },
  )
})
