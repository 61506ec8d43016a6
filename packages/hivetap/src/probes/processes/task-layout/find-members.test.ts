import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChildSample, findMembers, type OwnSample } from './find-members.js'

const SIZE = 512
/** As sched.h orders them; each leaves room for its neighbour. */
const PLACE = { exitCode: 40, tgid: 68, realParent: 80, startTime: 128, comm: 256 }
const UNKNOWN = {
  exitCode: undefined,
  tgid: undefined,
  realParent: undefined,
  startTime: undefined,
  comm: undefined,
}

const PARENT = 0xffff_8881_0000_1000n
/** Time between that a child was asked for and that it was there. */
const MADE_WITHIN = 2_000_000n
/** How long the host has slept. */
const SLEPT = 3_600_000_000_000n

const name = (text: string) => Uint8Array.from(Buffer.from(`${text}\0`))

function own(noise: Uint8Array, called: string, pid = 4001, tgid = 4001): OwnSample {
  const bytes = Uint8Array.from(noise)
  const view = new DataView(bytes.buffer)
  view.setUint32(PLACE.exitCode, 0, true)
  view.setUint32(PLACE.tgid - 4, pid, true)
  view.setUint32(PLACE.tgid, tgid, true)
  bytes.set(name(called), PLACE.comm)
  return { bytes, pid, tgid, name: name(called) }
}

interface Child {
  readonly pid: number
  readonly exitCode: number
  readonly asked: bigint
  readonly slept?: bigint
}

function child(noise: Uint8Array, { pid, exitCode, asked, slept = 0n }: Child): ChildSample {
  const bytes = Uint8Array.from(noise)
  const view = new DataView(bytes.buffer)
  const started = asked + MADE_WITHIN / 2n
  view.setUint32(PLACE.exitCode, exitCode, true)
  view.setUint32(PLACE.tgid - 4, pid, true)
  view.setUint32(PLACE.tgid, pid, true)
  view.setBigUint64(PLACE.realParent, PARENT, true)
  view.setBigUint64(PLACE.realParent + 8, PARENT, true)
  view.setBigUint64(PLACE.startTime, started, true)
  view.setBigUint64(PLACE.startTime + 8, started + slept + 70n, true)
  view.setBigUint64(PLACE.startTime + 16, 12n, true)
  bytes.set(name('node'), PLACE.comm)
  return {
    bytes,
    pid,
    tgid: pid,
    parent: PARENT,
    exitCode,
    bornAfter: asked,
    bornBefore: asked + MADE_WITHIN,
  }
}

const CHILDREN: readonly Child[] = [
  { pid: 4010, exitCode: 127 << 8, asked: 90_000_000_000n },
  { pid: 4011, exitCode: 9, asked: 90_010_000_000n },
  { pid: 4012, exitCode: 127 << 8, asked: 90_020_000_000n },
]

const noise = (seed: number) =>
  Uint8Array.from({ length: SIZE }, (_, index) => (index * 31 + seed * 97) & 0xff)
const owns = () => [own(noise(1), 'hivetap-1f2e3d4'), own(noise(2), 'node')]
const children = (change: Partial<Child> = {}) =>
  CHILDREN.map((one, index) => child(noise(index + 3), { ...one, ...change }))

/** The samples with a value put into another place as well. */
function alsoAt<S extends { readonly bytes: Uint8Array }>(
  samples: readonly S[],
  put: (view: DataView, sample: S) => void,
): readonly S[] {
  for (const sample of samples) put(new DataView(sample.bytes.buffer), sample)
  return samples
}

describe('findMembers', () => {
  it('finds the one place where every sample has what it must have', () => {
    const bytes = fc.uint8Array({ minLength: SIZE, maxLength: SIZE })
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 5, maxLength: 5 }), fc.boolean(), (noises, hasSlept) => {
        const [a = noise(1), b = noise(2), ...rest] = noises
        const slept = hasSlept ? SLEPT : 0n
        const found = findMembers(
          [own(a, 'hivetap-1f2e3d4'), own(b, 'node')],
          CHILDREN.map((one, index) => child(rest[index] ?? a, { ...one, slept })),
        )
        // Random bytes may hold the same values elsewhere: then nothing is told, and never the wrong place.
        for (const [member, place] of Object.entries(PLACE))
          expect([place, undefined]).toContain(found[member as keyof typeof found])
      }),
    )
  })

  it('tells all where nothing else looks like them', () => {
    expect(findMembers(owns(), children())).toEqual(PLACE)
    expect(findMembers(owns(), children({ slept: SLEPT }))).toEqual(PLACE)
  })

  it('tells the process’s number from the thread’s', () => {
    const thread = [own(noise(1), 'hivetap-1f2e3d4', 4005, 4001), own(noise(2), 'node', 4005, 4001)]
    expect(findMembers(thread, children()).tgid).toBe(PLACE.tgid)
    const swapped = thread.map((sample) => ({ ...sample, pid: 4001, tgid: 4005 }))
    expect(findMembers(swapped, children()).tgid).toBeUndefined()
  })

  it('tells nothing of too few samples', () => {
    expect(findMembers([], [])).toEqual(UNKNOWN)
    expect(findMembers(owns().slice(1), children())).toEqual(UNKNOWN)
    expect(findMembers(owns(), children().slice(2))).toEqual(UNKNOWN)
  })

  it('tells nothing where the name is not to be found, since it says how far to look', () => {
    const elsewhere = owns().map((sample) => ({ ...sample, name: name('other') }))
    expect(findMembers(elsewhere, children())).toEqual(UNKNOWN)
  })

  it('does not look behind the name, where other tasks may lie', () => {
    const behind = alsoAt(children(), (view, { exitCode, pid, bornAfter }) => {
      view.setUint32(400, exitCode, true)
      view.setUint32(408, pid, true)
      view.setUint32(412, pid, true)
      view.setBigUint64(416, PARENT, true)
      view.setBigUint64(424, PARENT, true)
      view.setBigUint64(432, bornAfter, true)
      view.setBigUint64(440, bornAfter, true)
    })
    const before = alsoAt(owns(), (view) => view.setUint32(400, 0, true))
    expect(findMembers(before, behind)).toEqual(PLACE)
  })

  it('tells no exit code where all children ended alike', () => {
    expect(findMembers(owns(), children({ exitCode: 9 }))).toEqual({ ...PLACE, exitCode: undefined })
  })

  it('tells nothing where two places would do', () => {
    const twice = alsoAt(children(), (view, { exitCode, pid, bornAfter }) => {
      view.setUint32(4, exitCode, true)
      view.setUint32(8, pid, true)
      view.setUint32(12, pid, true)
      view.setBigUint64(16, PARENT, true)
      view.setBigUint64(24, PARENT, true)
      view.setBigUint64(160, bornAfter, true)
      view.setBigUint64(168, bornAfter, true)
    })
    const twiceOwn = alsoAt(owns(), (view, { pid }) => {
      view.setUint32(4, 0, true)
      view.setUint32(8, pid, true)
      view.setUint32(12, pid, true)
    })
    expect(findMembers(twiceOwn, twice)).toEqual({ ...UNKNOWN, comm: PLACE.comm })
  })

  it('takes no pointer to the parent that has not its like beside it', () => {
    const alone = alsoAt(children(), (view) => {
      view.setBigUint64(160, PARENT, true)
      view.setBigUint64(PLACE.realParent + 8, PARENT + 64n, true)
    })
    expect(findMembers(owns(), alone).realParent).toBeUndefined()
  })

  it('takes no time of a child’s own doings for its start, nor one that no second clock follows', () => {
    const running = alsoAt(children(), (view, { bornBefore }) => {
      view.setBigUint64(PLACE.startTime, bornBefore + 1n, true)
      view.setBigUint64(PLACE.startTime + 8, bornBefore + 1n, true)
    })
    expect(findMembers(owns(), running).startTime).toBeUndefined()
    const single = alsoAt(children(), (view) => view.setBigUint64(PLACE.startTime + 8, 12n, true))
    expect(findMembers(owns(), single).startTime).toBeUndefined()
  })

  it('takes no second clock that is now so far ahead, now otherwise', () => {
    const restless = children().map((sample, index) => {
      const view = new DataView(sample.bytes.buffer)
      view.setBigUint64(PLACE.startTime + 8, sample.bornBefore + SLEPT * BigInt(index), true)
      return sample
    })
    expect(findMembers(owns(), restless).startTime).toBeUndefined()
  })
})
