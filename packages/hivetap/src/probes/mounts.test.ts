import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cgroupLayout, type Mount, parseMountinfo } from './mounts.js'

/** Lines as kernels write them (fs/proc_namespace.c): with none, one and two optional fields. */
const LINES = {
  root: '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict',
  proc: '22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw',
  slave: '64 27 0:32 / /sys/fs/bpf rw,nosuid,nodev,noexec,relatime shared:9 master:2 - bpf bpf rw,mode=700',
  v1: '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:14 - cgroup cgroup rw,cpu,cpuacct',
  systemd: '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
  unified: '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
  v2: '35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
} as const

const parse = (...lines: readonly string[]) => parseMountinfo(`${lines.join('\n')}\n`)

describe('parseMountinfo', () => {
  it('reads the path, the type and the file system’s own options, whatever optional fields stand before', () => {
    expect(parse(LINES.root, LINES.proc, LINES.slave, LINES.v1)).toEqual([
      { path: '/', root: '/', type: 'ext4', options: ['rw', 'discard', 'resv_strict'] },
      { path: '/proc', root: '/', type: 'proc', options: ['rw'] },
      { path: '/sys/fs/bpf', root: '/', type: 'bpf', options: ['rw', 'mode=700'] },
      { path: '/sys/fs/cgroup/cpu,cpuacct', root: '/', type: 'cgroup', options: ['rw', 'cpu', 'cpuacct'] },
    ])
  })

  it('reads paths that the kernel had to escape', () => {
    // seq_path(…, " \t\n\\"): each of these as a backslash and three octal digits.
    const [mount] = parse('90 27 8:1 / /mnt/my\\040disk\\011tab\\012line\\134back rw - ext4 /dev/sda1 rw')
    expect(mount?.path).toBe('/mnt/my disk\ttab\nline\\back')
  })

  it('reads which directory of the file system is mounted, above a cgroup namespace too', () => {
    const lines = [
      '90 27 0:26 /user.slice/a\\040b /mnt rw - cgroup2 cgroup rw',
      '91 27 0:26 /../../.. /host/sys/fs/cgroup ro - cgroup2 cgroup rw',
    ]
    expect(parse(...lines).map(({ root }) => root)).toEqual(['/user.slice/a b', '/../../..'])
  })

  it('does not unescape twice', () => {
    // A directory that is called `\040`: its backslash is escaped, its digits are digits.
    const [mount] = parse('90 27 8:1 / /mnt/\\134040 rw - ext4 /dev/sda1 rw')
    expect(mount?.path).toBe('/mnt/\\040')
  })

  it('reads any path back that is escaped so', () => {
    const escaped = (text: string) =>
      text.replace(/[ \t\n\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)
    const part = fc.string({
      unit: fc.constantFrom(' ', '\t', '\n', '\\', '-', '0', '4', 'a', 'ü', '#'),
      minLength: 1,
    })
    fc.assert(
      fc.property(part, part, (path, option) => {
        const line = `90 27 8:1 / /${escaped(path)} rw shared:1 - ext4 ${escaped(path)} ${escaped(option)}`
        expect(parse(line)).toEqual([{ path: `/${path}`, root: '/', type: 'ext4', options: [option] }])
      }),
    )
  })

  it.each([
    ['a dash', '90 27 0:40 / /mnt rw - tmpfs - rw,size=4k'],
    ['nothing', '90 27 0:40 / /mnt rw - tmpfs  rw,size=4k'],
  ])('reads the options of a mount whose source is %s', (_, line) => {
    expect(parse(line)).toEqual([{ path: '/mnt', root: '/', type: 'tmpfs', options: ['rw', 'size=4k'] }])
  })

  it.each([
    ['nothing', ''],
    ['empty lines', '\n\n'],
    ['a line without its second part', '27 1 254:0 / / rw,relatime'],
    ['a line that ends too early', '27 1 254:0 - ext4 /dev/vda rw'],
    ['no type', '27 1 254:0 / / rw - '],
  ])('leaves out what is none: %s', (_, text) => {
    expect(parseMountinfo(text)).toEqual([])
  })

  it('has no options where the kernel wrote none', () => {
    expect(parse('27 1 254:0 / / rw - ext4')).toEqual([{ path: '/', root: '/', type: 'ext4', options: [] }])
  })

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { type } of parseMountinfo(text)) expect(type).not.toBe('')
      }),
    )
  })
})

describe('cgroupLayout', () => {
  it.each([
    { name: 'version 2 alone, as systemd mounts it', lines: [LINES.root, LINES.v2], layout: 'v2' },
    { name: 'version 1 alone', lines: [LINES.v1, LINES.systemd], layout: 'v1' },
    { name: 'version 2 beside version 1', lines: [LINES.v1, LINES.systemd, LINES.unified], layout: 'hybrid' },
    { name: 'none, as in some containers', lines: [LINES.root, LINES.proc], layout: 'none' },
  ])('$name: $layout', ({ lines, layout }) => {
    expect(cgroupLayout(parse(...lines))).toBe(layout)
  })

  it('does not depend on the order in which they are mounted', () => {
    const mounts = fc.shuffledSubarray(parse(...Object.values(LINES)))
    fc.assert(
      fc.property(mounts, (some: readonly Mount[]) => {
        expect(cgroupLayout(some)).toBe(cgroupLayout([...some].reverse()))
      }),
    )
  })
})
