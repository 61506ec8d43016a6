import { monotonicNs } from '@hivetap/bpf'
import { afterEach, expect, it, vi } from 'vitest'
import { CgroupTree, hierarchies } from '../../../../test/support/cgroup-tree.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { NO_CGROUPS } from '../../../../test/support/no-cgroups.js'
import { CgroupResolver } from '../identity/cgroups/cgroup-resolver.js'
import { openNames } from './open-names.js'

const [hierarchy] = hierarchies()
const CONTAINER = '1'.repeat(64)
const NO_PROCESS = -1

afterEach(() => {
  vi.restoreAllMocks()
})

describeKernelIf(hierarchy !== undefined)('names that are opened', () => {
  it('are known of what was there before, though no program keeps them and the process is gone', async () => {
    if (hierarchy === undefined) return
    const tree = new CgroupTree(hierarchy)
    try {
      const key = BigInt(tree.make(`/${CONTAINER}`))
      // To know when it has ended.
      const walk = vi.spyOn(CgroupResolver.prototype, 'walk')
      using names = await openNames(
        { kubernetes: 'off', node: 'here', labels: [] },
        { signal: new AbortController().signal, note: () => {} },
      )
      await walk.mock.results[0]?.value
      const tool = {
        namedBy: { pid: () => NO_PROCESS, cgroup: () => key },
        timeNs: () => Number(monotonicNs()),
      }
      const { identify } = names.follow(tool, NO_CGROUPS)
      expect(identify({}).source?.owner).toEqual({ kind: 'container', containerId: CONTAINER })
      expect(names.counters).toMatchObject({ events: 1, unknownCgroup: 0 })
    } finally {
      tree.close()
    }
  })
})
