import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readTar } from './tar-read.mjs'
import { writeTar } from './tar-write.mjs'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-tar-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const LONG = `${'deep/'.repeat(24)}${'n'.repeat(90)}`

describe('writing', () => {
  it('makes what tar(1) lists, of root, of 1970, in the order of paths', () => {
    const path = join(folder, 'made.tar')
    const tar = writeTar([
      { path: 'usr/bin/b', kind: 'file', mode: 0o755, content: Buffer.from('two') },
      { path: 'a', kind: 'symlink', mode: 0o777, target: 'usr/bin/b' },
      { path: LONG, kind: 'file', mode: 0o644, content: Buffer.alloc(1000, 1) },
    ])
    writeFileSync(path, tar)
    const lines = execFileSync('tar', ['--utc', '--numeric-owner', '-tvf', path], { encoding: 'utf8' })
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s+/))
    expect(lines[0]).toEqual(['lrwxrwxrwx', '0/0', '0', '1970-01-01', '00:00', 'a', '->', 'usr/bin/b'])
    expect(lines.slice(-3).map(([mode, owner, size, , , name]) => [mode, owner, size, name])).toEqual([
      ['drwxr-xr-x', '0/0', '0', 'usr/'],
      ['drwxr-xr-x', '0/0', '0', 'usr/bin/'],
      ['-rwxr-xr-x', '0/0', '3', 'usr/bin/b'],
    ])
    expect(lines.filter(([, , size]) => size === '1000').map(([, , , , , name]) => name)).toEqual([LONG])
  })

  it('depends on nothing but what there is: not on the order in which it is said', () => {
    const path = fc
      .array(fc.stringMatching(/^[a-zé]{1,8}$/), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.map((part, index) => `${index}${part}`).join('/'))
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 8 }),
        fc.uint8Array({ maxLength: 1200 }),
        (paths, bytes) => {
          const leaves = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)))
          const files = leaves.map((each) => ({
            path: each,
            kind: 'file' as const,
            mode: 0o644,
            content: Buffer.from(bytes),
          }))
          const tar = writeTar(files)
          expect(writeTar(files.toReversed()).equals(tar)).toBe(true)
          const read = readTar(tar).filter(({ kind }) => kind === 'file')
          expect(read.map((entry) => entry.path)).toEqual(
            leaves.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
          )
          for (const entry of read) expect(entry.content.equals(Buffer.from(bytes))).toBe(true)
        },
      ),
    )
  })

  it('refuses two files of one path, and a path that no header holds', () => {
    const file = { path: 'a', kind: 'file', mode: 0o644 } as const
    expect(() => writeTar([file, file])).toThrow('The image has a twice')
    expect(() => writeTar([{ ...file, path: 'x'.repeat(101) }])).toThrow('too long')
  })
})

describe('reading', () => {
  it.each(['gnu', 'pax', 'ustar'])('reads what tar(1) writes: %s', (format) => {
    mkdirSync(join(folder, 'in', LONG), { recursive: true })
    writeFileSync(join(folder, 'in', LONG, 'é.txt'), 'text', { mode: 0o640 })
    symlinkSync('some/where', join(folder, 'in/link'))
    const tar = execFileSync('tar', [`--format=${format}`, '-C', join(folder, 'in'), '-cf', '-', '.'])
    const read = readTar(tar)
    expect(read.find(({ kind }) => kind === 'file')).toMatchObject({
      path: `${LONG}/é.txt`,
      mode: 0o640,
      content: Buffer.from('text'),
    })
    expect(read.find(({ kind }) => kind === 'symlink')).toMatchObject({ path: 'link', target: 'some/where' })
  })

  it('refuses what is none, and what ends too soon', () => {
    expect(() => readTar(Buffer.alloc(1024, 7))).toThrow('This is no tar file')
    const tar = writeTar([{ path: 'a', kind: 'file', mode: 0o644, content: Buffer.alloc(2000) }])
    expect(() => readTar(tar.subarray(0, 1024))).toThrow('ends within the entry')
  })
})
