import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseMountinfo } from '../mounts.js'
import { hierarchyMounts } from './hierarchy-mount.js'
import { presentCgroups } from './present-cgroups.js'

const mounts = (...lines: readonly string[]) => parseMountinfo(lines.join('\n'))

describe('the hierarchies that processes are told by', () => {
  it.each([
    [
      'version 2 alone',
      ['35 24 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw'],
      'none',
      [[2, '/sys/fs/cgroup', []]],
    ],
    [
      'version 1 alone, of several controllers together',
      [
        '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
        '33 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
        '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
      ],
      'memory',
      [[1, '/sys/fs/cgroup/memory', []]],
    ],
    [
      'both, that which shows most of each',
      [
        '50 31 0:30 /kubepods/pod1 /mnt/mine rw - cgroup cgroup rw,memory',
        '33 31 0:30 / /host/memory rw - cgroup cgroup rw,memory',
        '41 31 0:38 /kubepods.slice/a.slice /unified rw - cgroup2 cgroup2 rw',
      ],
      'memory',
      [
        [1, '/host/memory', []],
        [2, '/unified', ['a.slice', 'kubepods.slice']],
      ],
    ],
    [
      'those above a namespace, whose names are not known',
      ['41 31 0:38 /../../other /sys/fs/cgroup rw - cgroup2 cgroup2 rw'],
      'none',
      [[2, '/sys/fs/cgroup', ['other']]],
    ],
    ['none', ['27 1 254:0 / / rw - ext4 /dev/vda rw'], 'memory', []],
  ] as const)('are found: %s', (_, lines, controller, expected) => {
    const found = hierarchyMounts(mounts(...lines), controller)
    expect(found.map(({ version, path, above }) => [version, path, above])).toEqual(expected)
  })
})

describe('cgroups that are there', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hivetap-cgroups-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('have the inodes of their directories, and bit 63 in version 1', () => {
    mkdirSync(join(root, 'a/b'), { recursive: true })
    writeFileSync(join(root, 'a/cgroup.procs'), '')
    const inode = (path: string) => statSync(join(root, path), { bigint: true }).ino
    const mount = { path: root, root: '/top/next', above: ['next', 'top'] }
    const expected = [
      ['.', ['next', 'top']],
      ['a', ['a', 'next', 'top']],
      ['a/b', ['b', 'a', 'next', 'top']],
    ] as const
    expect([...presentCgroups([{ ...mount, version: 2 }])]).toEqual(
      expected.map(([path, names]) => ({ key: inode(path), names })),
    )
    expect([...presentCgroups([{ ...mount, version: 1 }])].map(({ key }) => key)).toEqual(
      expected.map(([path]) => inode(path) + 2n ** 63n),
    )
  })

  it('are none where nothing is mounted', () => {
    expect([...presentCgroups([{ version: 2, path: join(root, 'nowhere'), root: '/', above: [] }])]).toEqual(
      [],
    )
  })
})
