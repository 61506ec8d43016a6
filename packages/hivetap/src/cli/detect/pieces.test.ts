import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { pieces } from './pieces.js'

const folder = mkdtempSync(join(tmpdir(), 'hivetap-pieces-'))
const file = join(folder, 'input')
writeFileSync(file, Buffer.alloc(1_000_000, 'a line of text\n'))
afterAll(() => rmSync(folder, { recursive: true }))

it('reads a file to its end, piece by piece', async () => {
  const read: Buffer[] = []
  for await (const piece of pieces(file, new AbortController().signal, 60_000))
    if (piece !== undefined) read.push(piece)
  expect(read.length).toBeGreaterThan(1)
  expect(Buffer.concat(read).equals(readFileSync(file))).toBe(true)
})

it('ends where it stands once it is interrupted', async () => {
  const stop = new AbortController()
  let bytes = 0
  for await (const piece of pieces(file, stop.signal, 60_000)) {
    bytes += piece?.length ?? 0
    stop.abort()
  }
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThan(1_000_000)
})

it('says what it cannot read', async () => {
  const missing = pieces(join(folder, 'missing'), new AbortController().signal, 60_000)
  await expect(missing.next()).rejects.toThrow(`Cannot read ${join(folder, 'missing')}: ENOENT`)
})
