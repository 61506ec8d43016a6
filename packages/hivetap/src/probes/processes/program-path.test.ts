import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeptPath, pathOf, programKey } from './program-path.js'

const SIZE = 380

/** What the kernel would keep of a path, with whatever was there before behind it. */
function kept(path: Uint8Array | string, flags: Partial<KeptPath> = {}): KeptPath {
  const parts = Buffer.from(path as string)
    .toString('latin1')
    .split('/')
    .slice(1)
    .reverse()
  const text = Buffer.from(parts.map((part) => `${part}\0`).join(''), 'latin1')
  const names = new Uint8Array(SIZE).fill(0x41)
  names.set(text)
  return { size: text.length, cut: false, removed: false, names, ...flags }
}

describe('the path of a program', () => {
  it('has its directories in front of its name', () => {
    expect(pathOf(kept('/usr/lib/jvm/bin/java'))).toEqual({ path: '/usr/lib/jvm/bin/java', whole: true })
  })

  it('says that the file was removed, and that directories are missing', () => {
    expect(pathOf(kept('/a/b', { removed: true })).path).toBe('/a/b (deleted)')
    expect(pathOf(kept('/a/b', { cut: true }))).toEqual({ path: '…/a/b', whole: false })
  })

  it('is of what is no directory’s the root', () => {
    expect(pathOf({ size: 0, cut: false, removed: false, names: new Uint8Array(SIZE) }).path).toBe('/')
  })

  it('has what is no text marked, and takes no size for granted', () => {
    expect(pathOf(kept(Buffer.from([0x2f, 0xff, 0x61]))).path).toBe('/\uFFFDa')
    expect(() => pathOf({ ...kept('/a'), size: 65_535 })).not.toThrow()
  })

  it('is what it was before the kernel took it to pieces', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((text) => !/[/\0]/.test(text))
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (names) => {
        const path = `/${names.join('/')}`
        fc.pre(Buffer.byteLength(path) <= SIZE)
        expect(pathOf(kept(path)).path).toBe(Buffer.from(path).toString('utf8'))
      }),
    )
  })
})

it('the key of a program has what an event has, as the kernel’s programs put it', () => {
  // A hundred and five days after the start: the kernel leaves out the bits that no number would hold.
  const processStartNs = 2 ** 53 + 128
  expect(programKey(7, { processStartNs, argumentsAt: 0x7ffc_1234_5679 })).toEqual({
    startNs: 9_007_199_254_741_120n,
    argumentsAt: 0x7ffc_1234_5679n,
    pid: 7n,
  })
})
