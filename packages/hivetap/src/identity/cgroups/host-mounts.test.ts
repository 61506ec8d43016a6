import { describe, expect, it } from 'vitest'
import { levelsAbove } from '../../probes/cgroups/cgroup-path.js'
import { parseMountinfo } from '../../probes/mounts.js'
import { cgroupRungs } from './cgroup-rungs.js'
import type { HostHierarchies } from './host-hierarchies.js'
import { hostMounts } from './host-mounts.js'

/** As it is seen from so many levels below the root. */
const seenFrom = (levels: number, v1Controller?: string): HostHierarchies => ({
  v1Controller,
  processes: true,
  isWhole: (_, path) => levelsAbove(path) === levels,
})
const mountsOf = (host: HostHierarchies, ...lines: readonly string[]) =>
  hostMounts(parseMountinfo(lines.join('\n')), host)

const V2 = '35 24 0:30 / /sys/fs/cgroup rw shared:10 - cgroup2 cgroup2 rw,nsdelegate'
const MEMORY = '32 31 0:29 / /sys/fs/cgroup/memory rw,relatime shared:14 - cgroup cgroup rw,memory'
const CPU = '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct'
const UNIFIED = '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw'

describe('hostMounts', () => {
  it('finds version 2 alone', () => {
    expect(mountsOf(seenFrom(0), V2)).toEqual([{ version: 2, path: '/sys/fs/cgroup', root: '/', above: [] }])
  })

  it('finds the hierarchy of the controller that is looked at, and version 2 beside it', () => {
    expect(
      mountsOf(seenFrom(0, 'memory'), CPU, MEMORY, UNIFIED).map(({ version, path }) => [version, path]),
    ).toEqual([
      [1, '/sys/fs/cgroup/memory'],
      [2, '/sys/fs/cgroup/unified'],
    ])
    expect(mountsOf(seenFrom(0, 'pids'), CPU, MEMORY)).toEqual([])
  })

  it('knows in a container that its own cgroup is not the root of the host', () => {
    expect(mountsOf(seenFrom(4), V2)).toMatchObject([{ root: '/', above: ['..'] }])
  })

  it('prefers what shows the whole host: a host path that is mounted into a container', () => {
    const host = '91 27 0:26 /../../../.. /host/sys/fs/cgroup ro - cgroup2 cgroup rw'
    expect(mountsOf(seenFrom(4), V2, host)).toEqual([
      { version: 2, path: '/host/sys/fs/cgroup', root: '/../../../..', above: [] },
    ])
  })

  it('has the names of what is above a part that is mounted', () => {
    const part = '91 27 0:26 /kubepods.slice/kubepods-burstable.slice /pods rw - cgroup2 cgroup rw'
    expect(mountsOf(seenFrom(0), part)).toMatchObject([
      { above: ['kubepods-burstable.slice', 'kubepods.slice'] },
    ])
    expect(mountsOf(seenFrom(0), part, V2)).toMatchObject([{ path: '/sys/fs/cgroup', above: [] }])
  })
})

describe('cgroupRungs', () => {
  const missingIn = (host: HostHierarchies, ...lines: readonly string[]) =>
    cgroupRungs(true, mountsOf(host, ...lines), host).filter(({ missing }) => missing !== undefined)

  it('misses nothing where the host is seen', () => {
    expect(missingIn(seenFrom(0), V2)).toEqual([])
    expect(missingIn(seenFrom(0, 'memory'), MEMORY, UNIFIED)).toEqual([])
  })

  it('says what it would take', () => {
    expect(cgroupRungs(false, [], { ...seenFrom(0), processes: false })).toMatchObject([
      { name: 'source', missing: expect.stringContaining('keep the names') },
      { name: 'directory', missing: expect.stringMatching(/read-only$/) },
      { name: 'process', missing: expect.stringContaining('hostPID') },
    ])
    expect(missingIn(seenFrom(4), V2)).toMatchObject([
      { name: 'directory', missing: expect.stringContaining('/sys/fs/cgroup shows a part') },
    ])
    // Version 2 tells nothing beside version 1.
    expect(missingIn(seenFrom(0, 'memory'), UNIFIED).map(({ name }) => name)).toEqual(['directory'])
  })
})
