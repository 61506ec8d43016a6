import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStat } from './stat-line.js'

/** As a kernel wrote it, with a place for the name. */
const line = (name: string) =>
  `4242 (${name}) S 1 4242 4242 0 -1 4194560 1024 0 3 0 12 7 0 0 20 0 11 0 987654 12345678 910 18446744073709551615 1 1 0 0 0 0 0 4096 81920 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n`
const KTHREADD =
  '2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 1 0 0 20 0 1 0 26 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 1 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n'

describe('parseStat', () => {
  it('reads when a process began', () => {
    expect(parseStat(line('nginx'))).toEqual({ startTicks: 987654, argumentsAt: 0, ofKernel: false })
  })

  it('reads where the arguments lie', () => {
    const fields = line('nginx').split(' ')
    fields[47] = '140724800000001'
    expect(parseStat(fields.join(' '))?.argumentsAt).toBe(140_724_800_000_001)
  })

  it('knows the kernel’s own threads', () => {
    expect(parseStat(KTHREADD)).toEqual({ startTicks: 26, argumentsAt: 0, ofKernel: true })
  })

  it('is not led astray by the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(')', '(', ' ', '\n', 'S', '1', '-', 'ü'), maxLength: 15 }),
        (name) => {
          expect(parseStat(line(name))?.startTicks).toBe(987654)
        },
      ),
    )
  })

  it.each([
    '',
    '4242 (x) ',
    '4242 (x) S 1',
    line('x').replace('987654', '-1'),
    line('x').replace('987654', '1e9'),
  ])('takes nothing else: %j', (text) => {
    expect(parseStat(text)).toBeUndefined()
  })

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('latin1')
        const stat = parseStat(text)
        if (stat !== undefined) expect(Number.isSafeInteger(stat.startTicks)).toBe(true)
      }),
    )
  })
})
