import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { monotonicNs, openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canMakeCgroups, cgroup1Mount, cgroup2Mount, TestCgroup } from '../../../../../test/support/cgroup.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { restrictKernel } from '../../../../../test/support/older-kernel.js'
import { forgetFeatures } from '../../../../bpf/src/features/feature.js'
import { interposeBpf } from '../../../../bpf/src/sys/bpf.js'
import { cgroupKey } from '../cgroup-key.js'
import { BUFFERS } from '../tool.js'
import { type CgroupChange, type CgroupChanges, openCgroupChanges } from './cgroup-changes.js'
import { presentCgroups } from './present-cgroups.js'

const V1 = cgroup1Mount('memory')
const V2 = cgroup2Mount()
const HERE = openKernelBtf() !== undefined && canMakeCgroups(V1) && canMakeCgroups(V2)
const TOP = `hivetap-test-${process.pid}`

const made: { close(): void }[] = []
afterEach(() => {
  for (const each of made.splice(0).reverse()) each.close()
})

function opened(options: Parameters<typeof openCgroupChanges>[0] = {}): CgroupChanges {
  const changes = openCgroupChanges(options)
  made.push(changes)
  return changes
}

/** So many changes of the test's own. */
async function read(
  changes: CgroupChanges,
  count: number,
  own = ({ names }: CgroupChange) => names?.includes(TOP) === true,
): Promise<CgroupChange[]> {
  const found: CgroupChange[] = []
  for await (const batch of changes.batches()) {
    found.push(...batch.filter(own))
    if (found.length >= count) break
  }
  return found
}

describeKernelIf(HERE)('cgroups that come and go', () => {
  describe.each(['tp_btf', 'raw_tp'] as const)('by %s', (rung) => {
    it.each(BUFFERS)('are told in their order, once, of both versions: through %s', async (buffer) => {
      const changes = opened({ rung, buffer })
      expect([changes.rung, changes.buffer]).toEqual([rung, buffer])
      const expected: unknown[] = []
      const before = monotonicNs()
      for (const [mount, version] of [
        [V1, 1],
        [V2, 2],
      ] as const) {
        const groups = [TestCgroup.createIn(mount ?? '')]
        groups.push(
          ...(groups[0] as TestCgroup).nested(`pod${randomUUID()}`, randomBytes(32).toString('hex')),
        )
        const all = groups.map((group, level) => ({
          key: cgroupKey(group.inode, version),
          names: groups
            .slice(0, level + 1)
            .map(({ path }) => path.split('/').at(-1))
            .reverse(),
        }))
        for (const group of groups.reverse()) group.close()
        expected.push(...all.map((each) => ({ ...each, change: 'made' })))
        expected.push(...[...all].reverse().map((each) => ({ ...each, change: 'removed' })))
      }
      const told = await read(changes, expected.length)
      expect(told.map(({ timeNs, ...each }) => each)).toEqual(expected)
      const times = told.map(({ timeNs }) => timeNs)
      expect([...times].sort((one, other) => one - other)).toEqual(times)
      expect(times[0]).toBeGreaterThanOrEqual(Number(before))
      expect(changes.lost()).toBe(0)
    })
  })

  it('that nobody reads in time are counted', async () => {
    const changes = opened({ bytes: 4096 })
    const top = join(V2 ?? '', TOP)
    for (let round = 0; round < 20; round++) {
      mkdirSync(top)
      rmdirSync(top)
    }
    const kept = await read(changes, 1)
    expect(kept.length).toBeLessThan(40)
    expect(kept.length + changes.lost()).toBeGreaterThanOrEqual(40)
  })

  it('end when they are asked to', async () => {
    const changes = opened()
    const stop = new AbortController()
    stop.abort()
    for await (const _ of changes.batches({ signal: stop.signal }));
    const reading = (async () => {
      for await (const _ of changes.batches());
    })()
    changes.close()
    await reading
  })
})

describeKernelIf(HERE)('cgroups that come and go where kernel memory may not be copied', () => {
  let restricted: ReturnType<typeof restrictKernel>
  beforeEach(() => {
    forgetFeatures()
    restricted = restrictKernel(interposeBpf, ['no copies of kernel memory'])
  })
  afterEach(() => {
    restricted.restore()
    forgetFeatures()
  })

  it('are told without names, which the file system has', async () => {
    const changes = opened()
    expect([changes.rung, changes.namesMissing]).toEqual([
      'tp_btf',
      'a kernel booted without lockdown=confidentiality',
    ])
    using group = TestCgroup.createIn(V1 ?? '')
    const key = cgroupKey(group.inode, 1)
    const [change] = await read(changes, 1, ({ key: of }) => of === key)
    expect(change).toMatchObject({ key, change: 'made', names: undefined })
    expect([...presentCgroups()].find(({ key: of }) => of === key)?.names).toEqual([TOP])
  })
})

describeKernelIf(HERE)('cgroups that are there', () => {
  it.each([
    ['version 1', V1, 1],
    ['version 2', V2, 2],
  ] as const)('are those that the kernel numbers so, of %s', (_, mount, version) => {
    const top = TestCgroup.createIn(mount ?? '')
    made.push(top)
    const groups = top.nested('a', 'b', 'x'.repeat(120), 'd', 'e', 'f')
    made.push(...groups)
    const found = new Map([...presentCgroups()].map(({ key, names }) => [key, names]))
    const keyOf = (group: TestCgroup | undefined) => cgroupKey(group?.inode ?? 0n, version)
    expect(found.get(keyOf(top))).toEqual([TOP])
    expect(found.get(keyOf(groups[1]))).toEqual(['b', 'a', TOP])
    expect(found.get(keyOf(groups[2]))).toEqual([`${'x'.repeat(95)}…`, 'b', 'a', TOP])
    expect(found.get(keyOf(groups[5]))).toEqual(['f', 'e', 'd', `${'x'.repeat(95)}…`, 'b'])
    // Those above come first.
    const order = [...found.keys()]
    expect(order.indexOf(keyOf(top))).toBeLessThan(order.indexOf(keyOf(groups[0])))
  })

  it('may go while they are looked at', () => {
    const top = TestCgroup.createIn(V2 ?? '')
    const group = top.within('a')
    const keys = new Set([cgroupKey(top.inode, 2), cgroupKey(group.inode, 2)])
    const walk = presentCgroups([{ version: 2, path: V2 ?? '', root: '/', above: [] }])
    walk.next()
    group.close()
    top.close()
    expect([...walk].filter(({ key }) => keys.has(key))).toEqual([])
  })
})
