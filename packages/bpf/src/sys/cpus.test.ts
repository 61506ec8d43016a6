import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCpuList } from './cpus.js'

describe('parseCpuList', () => {
  it.each([
    ['0\n', [0]],
    ['0-3\n', [0, 1, 2, 3]],
    ['0-1,4,6-7', [0, 1, 4, 6, 7]],
    ['5', [5]],
    ['1023-1024', [1023, 1024]],
    ['\n', []],
    ['', []],
  ])('reads %j', (text, cpus) => {
    expect(parseCpuList(text)).toEqual(cpus)
  })

  it('reads back any set as the kernel would print it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300)), (cpus) => {
        const sorted = cpus.toSorted((a, b) => a - b)
        const ranges: [number, number][] = []
        for (const cpu of sorted) {
          const last = ranges.at(-1)
          if (last !== undefined && last[1] === cpu - 1) last[1] = cpu
          else ranges.push([cpu, cpu])
        }
        const text = ranges
          .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
          .join(',')
        expect(parseCpuList(`${text}\n`)).toEqual(sorted)
      }),
    )
  })
})
