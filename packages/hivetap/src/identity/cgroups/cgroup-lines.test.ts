import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCgroupLines } from './cgroup-lines.js'

describe('parseCgroupLines', () => {
  it('reads the hierarchies of both versions', () => {
    const text = '9:name=systemd:/user.slice\n4:cpu,cpuacct:/a b\n0::/kubepods-pod1.slice:cri-containerd:2\n'
    expect(parseCgroupLines(text)).toEqual([
      { version: 1, controllers: ['name=systemd'], path: '/user.slice' },
      { version: 1, controllers: ['cpu', 'cpuacct'], path: '/a b' },
      { version: 2, controllers: [], path: '/kubepods-pod1.slice:cri-containerd:2' },
    ])
  })

  it('tells a cgroup that was removed by its name', () => {
    expect(parseCgroupLines('0::/a/b (deleted)\n')[0]?.path).toBe('/a/b')
    expect(parseCgroupLines('3:memory:/a (deleted)\n')[0]?.path).toBe('/a (deleted)')
  })

  it('leaves out what is none', () => {
    expect(parseCgroupLines('')).toEqual([])
    expect(parseCgroupLines('\n:::\n0::\nx::/\n0::relative\n')).toEqual([])
  })

  it('reads any name back, and any text without complaint', () => {
    const bytes = (maxLength: number) =>
      fc.uint8Array({ minLength: 1, maxLength }).map((text) => Buffer.from(text).toString('latin1'))
    const name = bytes(40)
      .map((text) => text.replaceAll('\n', '?').replaceAll('/', '?'))
      .filter((text) => !text.endsWith(' (deleted)'))
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (names) => {
        const path = `/${names.join('/')}`
        expect(parseCgroupLines(`0::${path}\n`)).toEqual([{ version: 2, controllers: [], path }])
      }),
    )
    fc.assert(fc.property(bytes(400), (text) => Array.isArray(parseCgroupLines(text))))
  })
})
