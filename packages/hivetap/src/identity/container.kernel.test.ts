import { existsSync, statSync } from 'node:fs'
import { monotonicNs } from '@hivetap/bpf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { CgroupTree, type Hierarchy, hierarchies } from '../../../../test/support/cgroup-tree.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { canRunContainers, TestContainer } from '../../../../test/support/runc.js'
import type { CgroupOwner } from './cgroup-owner.js'
import { CgroupResolver } from './cgroups/cgroup-resolver.js'
import { ProcessCache } from './process/process-cache.js'

const now = () => Number(monotonicNs())
const UID = '011fdc60-6b49-4af7-9b06-73b1566a4f76'
const ID = '3f1c5b7a9d02e4f6081a2c3e5d7f90b1a2c4e6f8091b3d5f7a9c0e2d4f6a8b1c'
const POD = `kubepods/burstable/pod${UID}`
const USER = 10_001
const OWNER = { kind: 'container', containerId: ID, podUid: UID }

describeKernelIf(canRunContainers())('a container that runc made', () => {
  const root = `/hivetap-test-container-${process.pid}`
  let container: TestContainer

  beforeAll(() => {
    container = new TestContainer(`${root}/${POD}/${ID}`, USER)
  })
  afterAll(() => container.close())

  const keyIn = ({ version, path }: Hierarchy) => {
    const place = `${path}${root}/${POD}/${ID}`
    if (!existsSync(place)) return undefined
    const inode = statSync(place).ino
    return version === 1 ? BigInt(inode) | (1n << 63n) : inode
  }

  it('is told by its process, and by its cgroup when that is gone', async () => {
    const keys = hierarchies()
      .map(keyIn)
      .filter((key) => key !== undefined)
    expect(keys).not.toEqual([])
    const resolver = new CgroupResolver()
    for (const key of keys) expect(resolver.ownerOf(key, container.pid, now())).toEqual(OWNER)
    const later = new CgroupResolver()
    await later.walk()
    for (const key of keys) expect(later.ownerOf(key, -1, now())).toEqual(OWNER)
    resolver.close()
    later.close()
  })

  it('has a process with its program', () => {
    expect(new ProcessCache().at(container.pid, now())).toMatchObject({ executable: '/bin/busybox' })
  })

  it('numbers its processes by itself: what is seen from within is not taken for the host', () => {
    // As a pod without hostPID: the host’s pids mean other processes there.
    const text = `
      const { CgroupResolver } = await import(dist + '../../hivetap/dist/identity/cgroups/cgroup-resolver.js')
      const { monotonicNs } = await import(dist + 'index.js')
      answer(new CgroupResolver().ownerOf(0, 1, Number(monotonicNs())) ?? 'nobody')`
    expect(runBuilt(text, { prefix: ['unshare', '-p', '-f', '--mount-proc'] })).toEqual(['nobody'])
  })

  describe.each(hierarchies())('seen from a cgroup namespace, version $version', (hierarchy) => {
    let tree: CgroupTree
    beforeAll(() => {
      tree = new CgroupTree(hierarchy)
      tree.make('/own/deep')
    })
    afterAll(() => tree.close())

    const within = (text: string, command: readonly string[] = []) => {
      const group = `${hierarchy.path}${tree.root}/own/deep`
      const enter = `echo $$ > ${group}/cgroup.procs && exec unshare -C "$@"`
      return runBuilt<CgroupOwner | string>(
        `const { CgroupResolver } = await import(dist + '../../hivetap/dist/identity/cgroups/cgroup-resolver.js')
         const { monotonicNs } = await import(dist + 'index.js')
         const resolver = new CgroupResolver()
         const ownerOf = (key, pid) => resolver.ownerOf(key, pid, Number(monotonicNs())) ?? 'nobody'
         ${text}
         resolver.close()`,
        { prefix: ['sh', '-c', enter, 'sh', ...command] },
      )
    }

    it('is the same, by the process and by its cgroup', () => {
      const key = keyIn(hierarchy)
      if (key === undefined) return
      const number = typeof key === 'bigint' ? `${key}n` : String(key)
      expect(within(`answer(ownerOf(${number}, ${container.pid}))`)).toEqual([OWNER])
      expect(within(`await resolver.walk(); answer(ownerOf(${number}, -1))`)).toEqual([OWNER])
    })

    it('is the same where nothing but the own part of the cgroup file system is mounted', () => {
      const key = keyIn(hierarchy)
      if (key === undefined) return
      const number = typeof key === 'bigint' ? `${key}n` : String(key)
      const mounted = 'umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'
      const told = within(
        `await resolver.walk()
         answer(ownerOf(${number}, ${container.pid}))
         answer(ownerOf(${number}, -1))
         answer(resolver.rungs.filter(({ missing }) => missing !== undefined).map(({ name }) => name).join())`,
        ['unshare', '-m', 'sh', '-c', mounted, 'sh'],
      )
      // That process alone is known by it, since its directory cannot be seen.
      expect(told).toEqual([OWNER, 'nobody', 'source,directory'])
    })

    it('is nobody in a cgroup whose path is not told to its beginning, and the host in the root', () => {
      const threadOfKernel = 2
      expect(within(`answer(ownerOf(0, process.pid)); answer(ownerOf(0, ${threadOfKernel}))`)).toEqual([
        'nobody',
        { kind: 'host' },
      ])
    })
  })
})
