import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CGROUP_PATHS, LOOK_ALIKES } from '../../../../../test/fixtures/cgroup-paths.js'
import { namesOfPath } from '../../probes/cgroups/cgroup-path.js'
import type { CgroupOwner } from '../cgroup-owner.js'
import { ownerOfNames } from './owner-of-names.js'

const ownerOf = (path: string) => ownerOfNames(namesOfPath(path))
const paths = CGROUP_PATHS.map(({ path }) => path)
const pathOf = fc.constantFrom(...paths)

/** Bytes as the kernel takes them for a name: anything but a slash and a line end. */
const anyName = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x2f || byte === 0x0a ? 0x2e : byte))))
  .map((bytes) => bytes.toString('latin1'))
/** Parts of real names, put together at random. */
const patchwork = fc
  .array(fc.constantFrom(...paths.flatMap((path) => path.split(/(?<=[-_.:/])|(?=[-_.:/])/))), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''))

describe('ownerOfNames', () => {
  it.each(CGROUP_PATHS)('$name', ({ path, owner }) => {
    expect(ownerOf(path)).toEqual(owner)
  })

  it.each(LOOK_ALIKES)('is not taken in: $name', ({ path, owner }) => {
    expect(ownerOf(path)).toEqual(owner)
  })

  it('takes the container’s name and its pod’s alone, where no more is known', () => {
    for (const { path, owner } of CGROUP_PATHS) {
      if (owner.kind !== 'container' || owner.podUid === undefined) continue
      const names = namesOfPath(path)
      const first = names.findIndex((name) => name.includes(owner.containerId))
      if (names[first + 1]?.includes('pod'))
        expect(ownerOfNames(names.slice(first, first + 2))).toEqual(owner)
    }
  })

  it('sees a container through whatever is made within it', () => {
    fc.assert(
      fc.property(pathOf, fc.array(anyName, { maxLength: 4 }), (path, within) => {
        const owner = ownerOf(path)
        fc.pre(owner.kind === 'container')
        fc.pre(ownerOfNames([...within].reverse()).kind === 'host')
        expect(ownerOf([path, ...within].join('/'))).toEqual(owner)
      }),
    )
  })

  it('says the same of a container wherever its pods are put', () => {
    fc.assert(
      fc.property(pathOf, fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 3 }), (path, above) => {
        const owner = ownerOf(path)
        fc.pre(owner.kind === 'container' && path.startsWith('/kubepods'))
        expect(ownerOf(`/${[...above, path.slice(1)].join('/')}`)).toEqual(owner)
      }),
    )
  })

  it('tells only what can be shown and asked for, whatever the names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(anyName, { maxLength: 6 }), patchwork.map(namesOfPath)), (names) => {
        const owner = ownerOfNames(names)
        expect(isWellFormed(owner), JSON.stringify(owner)).toBe(true)
        for (const text of Object.values(owner)) expect(text).toMatch(/^[\x20-\x7e]+$/)
      }),
      { numRuns: 1000 },
    )
  })

  it('takes names of any length', () => {
    for (const part of ['a-', 'kubepods-', 'pod', '_', ':', 'user@1.service/'])
      expect(ownerOf(`/${part.repeat(20_000)}.slice`)).toBeDefined()
  })
})

function isWellFormed(owner: CgroupOwner): boolean {
  const isUid = (uid: string) => /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/.test(uid)
  if (owner.kind === 'unit') return owner.unit.length <= 512
  if (owner.kind === 'pod') return isUid(owner.podUid)
  if (owner.kind === 'host') return true
  return /^[0-9a-f]{64}$/.test(owner.containerId) && (owner.podUid === undefined || isUid(owner.podUid))
}
