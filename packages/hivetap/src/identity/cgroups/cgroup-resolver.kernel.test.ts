import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonicNs } from '@hivetap/bpf'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CgroupTree, hierarchies } from '../../../../../test/support/cgroup-tree.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { endProcess, startIdle } from '../../../../../test/support/same-pid.js'
import { CgroupResolver, type CgroupResolverOptions } from './cgroup-resolver.js'

const now = () => Number(monotonicNs())
const FOUND = hierarchies()
const HAS_BOTH = FOUND.length > 1
/** Where there are both, version 2 is tried alone too: as on a host that has no other. */
const LAYOUTS = [
  ...FOUND.map((hierarchy) => ({ ...hierarchy, alone: !HAS_BOTH })),
  ...FOUND.filter(({ version }) => HAS_BOTH && version === 2).map((hierarchy) => ({
    ...hierarchy,
    alone: true,
  })),
]
/** A /proc in which all controllers are of version 2; whatever else is in it is the real one's. */
function procOfVersion2(): string {
  const proc = mkdtempSync(join(tmpdir(), 'hivetap-test-'))
  writeFileSync(join(proc, 'cgroups'), '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t9\t1\n')
  symlinkSync('/proc/2', join(proc, '2'))
  return proc
}
const UID = '011fdc60-6b49-4af7-9b06-73b1566a4f76'
const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)]
const POD = `/kubepods/burstable/pod${UID}`
const container = (containerId: string) => ({ kind: 'container', containerId, podUid: UID })

describeKernelIf(FOUND.length > 0)('CgroupResolver', () => {
  describe.each(LAYOUTS)('cgroups of version $version, alone: $alone', (hierarchy) => {
    /** Of version 2, beside version 1, containers and pods tell whose they are, and nothing else does. */
    const tells = hierarchy.version === 1 || hierarchy.alone
    const seemsAlone = hierarchy.alone && HAS_BOTH
    const proc = seemsAlone ? procOfVersion2() : '/proc'
    let tree: CgroupTree
    const closing: (() => void | Promise<void>)[] = []
    const resolverWith = (options: CgroupResolverOptions = {}) => {
      const resolver = new CgroupResolver({ proc, ...options })
      closing.push(() => resolver.close())
      return resolver
    }
    const processIn = (path: string) => {
      const child = startIdle()
      closing.push(() => endProcess(child))
      if (seemsAlone) symlinkSync(`/proc/${child.pid}`, join(proc, String(child.pid)))
      tree.move(child.pid, path)
      return child
    }

    beforeEach(() => {
      tree = new CgroupTree(hierarchy)
    })
    afterAll(() => {
      if (seemsAlone) rmSync(proc, { recursive: true })
    })
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close()
      tree.close()
    })

    it('tells of a process that is there, and then of the cgroup from memory', () => {
      const key = tree.make(`${POD}/${ONE}`)
      const { pid } = processIn(`${POD}/${ONE}`)
      const resolver = resolverWith()
      expect(resolver.ownerOf(key, pid, now())).toEqual(container(ONE))
      expect(resolver.counts()).toMatchObject({ process: 1, cached: 0, unresolved: 0 })
      if (tells) expect(resolver.ownerOf(key, -1, now())).toEqual(container(ONE))
      expect(resolver.counts()).toMatchObject({ process: 1, cached: tells ? 1 : 0 })
    })

    it('tells of a pod, of a service and of none', () => {
      const resolver = resolverWith()
      for (const [path, owner] of [
        [POD, { kind: 'pod', podUid: UID }],
        ['/any/thing', { kind: 'host' }],
      ] as const) {
        const key = tree.make(path)
        expect(resolver.ownerOf(key, processIn(path).pid, now())).toEqual(owner)
      }
    })

    it('knows what was there when it walked, though its processes are gone', async () => {
      const key = tree.make(`${POD}/${ONE}`)
      const resolver = resolverWith()
      await resolver.walk()
      expect(resolver.ownerOf(key, -1, now())).toEqual(container(ONE))
      expect(resolver.counts()).toMatchObject({ directory: 1, process: 0, walks: 1, cut: false })
    })

    it('walks for what it does not know, and tells of it the next time', async () => {
      const key = tree.make(`${POD}/${ONE}`)
      const resolver = resolverWith()
      expect(resolver.ownerOf(key, -1, now())).toBeUndefined()
      expect(resolver.counts()).toMatchObject({ unresolved: 1, walks: 0 })
      await vi.waitUntil(() => resolver.counts().walks === 1, { timeout: 20_000 })
      expect(resolver.ownerOf(key, -1, now())).toEqual(container(ONE))
    })

    it('does not take the cgroup of a process that has moved for the event’s', () => {
      const key = tree.make(`${POD}/${ONE}`)
      const otherKey = tree.make(`${POD}/${OTHER}`)
      const { pid } = processIn(`${POD}/${ONE}`)
      const time = now()
      tree.move(pid, `${POD}/${OTHER}`)
      const resolver = resolverWith()
      expect(resolver.ownerOf(key, pid, time)).toBeUndefined()
      expect(resolver.ownerOf(otherKey, pid, now())).toEqual(container(OTHER))
    })

    it('does not take a cgroup for a former one of the same name', async () => {
      const before = tree.make(`${POD}/${ONE}`)
      tree.close()
      const key = tree.make(`${POD}/${ONE}`)
      expect(key).not.toBe(before)
      const { pid } = processIn(`${POD}/${ONE}`)
      const resolver = resolverWith()
      await resolver.walk()
      expect(resolver.ownerOf(before, pid, now())).toBeUndefined()
      expect(resolver.ownerOf(key, pid, now())).toEqual(container(ONE))
    })

    it('asks those who noted names first, and does without them if they fail', async () => {
      const key = tree.make(`${POD}/${ONE}`)
      const { pid } = processIn(`${POD}/${ONE}`)
      const noted = resolverWith({
        source: { names: (asked) => (asked === key ? [OTHER, 'docker'] : undefined) },
      })
      expect(noted.ownerOf(key, pid, now())).toEqual({
        kind: 'container',
        containerId: OTHER,
        runtime: 'docker',
      })
      expect(noted.counts()).toMatchObject({ source: 1, process: 0, failed: 0 })
      const failing = resolverWith({
        source: {
          names: () => {
            throw new Error('the map is closed')
          },
        },
      })
      expect(failing.ownerOf(key, pid, now())).toEqual(container(ONE))
      expect(failing.counts()).toMatchObject({ source: 0, process: 1, failed: 1 })
    })

    it('does not take a container for one without pod by names that end too early', () => {
      const key = tree.make(`${POD}/${ONE}/a/b/c/d`)
      const { pid } = processIn(`${POD}/${ONE}/a/b/c/d`)
      const resolver = resolverWith({ source: { names: () => ['d', 'c', 'b', 'a', ONE, '..'] } })
      expect(resolver.ownerOf(key, pid, now())).toEqual(container(ONE))
      expect(resolver.counts()).toMatchObject({ source: 0, process: 1 })
    })

    it('takes a unit only from names that reach the root', () => {
      const key = tree.make('/made')
      const names = ['nginx.service', 'system.slice']
      const whole = resolverWith({ source: { names: () => names } })
      expect(whole.ownerOf(key, -1, now())).toEqual({ kind: 'unit', unit: 'nginx.service' })
      const part = resolverWith({ source: { names: () => [...names, '..'] } })
      expect(part.ownerOf(key, -1, now())).toBeUndefined()
      expect(part.ownerOf(key, processIn('/made').pid, now())).toEqual({ kind: 'host' })
    })

    it('is no more than it may be, however many cgroups there are', () => {
      const resolver = resolverWith({ entries: 8, readsPerSecond: 20 })
      const paths = Array.from({ length: 30 }, (_, index) => `/made/${index.toString(16).padStart(64, '0')}`)
      const { pid } = processIn('')
      for (const path of paths) {
        const key = tree.make(path)
        tree.move(pid, path)
        resolver.ownerOf(key, pid, now())
      }
      const { process: told, refused, unresolved, evicted } = resolver.counts()
      // A second may begin meanwhile.
      expect(told).toBeGreaterThanOrEqual(20)
      expect(refused).toBe(30 - told)
      expect(unresolved).toBe(refused)
      if (tells) expect(evicted).toBeGreaterThanOrEqual(told - 8)
    })

    it('begins nothing more when it is closed, and tells what it knows', async () => {
      const key = tree.make(`${POD}/${ONE}`)
      const resolver = resolverWith()
      await resolver.walk()
      resolver.close()
      await resolver.walk()
      resolver.ownerOf(tree.make('/made'), -1, now())
      expect(resolver.counts().walks).toBe(1)
      expect(resolver.ownerOf(key, -1, now())).toEqual(container(ONE))
    })
  })

  it('knows the root without asking anybody', () => {
    const resolver = new CgroupResolver({ proc: '/nowhere' })
    const root = HAS_BOTH || FOUND[0]?.version === 1 ? (1n << 63n) | 1n : 1
    expect(resolver.ownerOf(root, -1, now())).toEqual({ kind: 'host' })
    resolver.close()
  })

  it('knows nobody by a key that is of no cgroup, but for a process that is there', () => {
    const resolver = new CgroupResolver()
    for (const key of [0, 0n, -1, Number.NaN, 1n << 63n]) {
      expect(resolver.ownerOf(key, -1, now())).toBeUndefined()
      expect(resolver.ownerOf(key, process.pid, now())).toBeDefined()
    }
    expect(resolver.counts()).toMatchObject({ unresolved: 5, walks: 0 })
    resolver.close()
  })
})
