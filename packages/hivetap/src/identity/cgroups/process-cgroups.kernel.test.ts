import { monotonicNs } from '@hivetap/bpf'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CgroupTree, hierarchies } from '../../../../../test/support/cgroup-tree.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { canChoosePids, endProcess, startIdle, startIdleAs } from '../../../../../test/support/same-pid.js'
import { inodeOfKey } from '../../probes/cgroup-key.js'
import { BootClock } from '../process/boot-clock.js'
import { hostHierarchies } from './host-hierarchies.js'
import { ProcessCgroups } from './process-cgroups.js'

const now = () => Number(monotonicNs())
const aFewTicks = () => new Promise((resolve) => setTimeout(resolve, 60))
const [hierarchy] = hierarchies()
const [ONE, OTHER] = ['/1'.padEnd(65, '1'), '/2'.padEnd(65, '2')]

/** Where the cgroups themselves cannot be seen: a pod without a mount of them, on version 2. */
describeKernelIf(hierarchy !== undefined)('ProcessCgroups, where no cgroup file system is mounted', () => {
  let tree: CgroupTree
  const unseen = (readsPerSecond = 1000) =>
    new ProcessCgroups('/proc', hostHierarchies('/proc'), [], new BootClock(), {
      entries: 100,
      readsPerSecond,
    })

  beforeEach(() => {
    if (hierarchy !== undefined) tree = new CgroupTree(hierarchy)
  })
  afterEach(() => tree.close())

  it('takes the word of a process that had begun', async () => {
    const key = inodeOfKey(tree.make(ONE))
    const child = startIdle()
    try {
      const before = now()
      await aFewTicks()
      tree.move(child.pid, ONE)
      const processes = unseen()
      expect(processes.find(key, child.pid, now())).toEqual({
        owner: { kind: 'container', containerId: ONE.slice(1) },
        certain: false,
      })
      expect(processes.find(key, child.pid, before)?.certain).toBe(false)
      // Long before it began.
      expect(unseen().find(key, child.pid, before - 60e9)).toBeUndefined()
    } finally {
      await endProcess(child)
    }
  })

  it.skipIf(!canChoosePids())('does not give the name of another that has the pid by now', async () => {
    const [key, otherKey] = [inodeOfKey(tree.make(ONE)), inodeOfKey(tree.make(OTHER))]
    const first = startIdle()
    tree.move(first.pid, ONE)
    await aFewTicks()
    const time = now()
    await endProcess(first)
    await aFewTicks()
    const second = await startIdleAs(first.pid)
    try {
      tree.move(first.pid, OTHER)
      await aFewTicks()
      const processes = unseen()
      expect(processes.find(key, first.pid, time)).toBeUndefined()
      expect(processes.find(otherKey, first.pid, now())?.owner).toEqual({
        kind: 'container',
        containerId: OTHER.slice(1),
      })
      // What was told of the second is not told of the first either.
      expect(processes.find(key, first.pid, time)).toBeUndefined()
      expect(processes.find(undefined, first.pid, time)).toBeUndefined()
    } finally {
      await endProcess(second)
    }
  })

  it('reads a process once for its cgroup, and again for another', () => {
    const [key, otherKey] = [inodeOfKey(tree.make(ONE)), inodeOfKey(tree.make(OTHER))]
    const processes = unseen(2)
    for (let times = 0; times < 10; times++) expect(processes.find(key, process.pid, now())).toBeDefined()
    expect(processes.refused).toBe(0)
    processes.find(otherKey, process.pid, now())
    processes.find(key, process.pid, now())
    expect(processes.refused).toBe(1)
  })
})
