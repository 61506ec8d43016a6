import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { batchOf, contextOf, sequencesOf } from '../../../../../test/support/batches.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { fileKind } from './file.js'

const WRITER = fileURLToPath(new URL('../../../../../test/support/file-writer.mjs', import.meta.url))
const signal = new AbortController().signal
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hivetap-file-'))
  cleanups.push(() => rmSync(path, { recursive: true }))
  return path
}

/** Files of a folder in the order in which they were written, unpacked. */
function textsOf(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => !name.endsWith('.part') && name !== 'events.jsonl')
  const packed = names.filter((name) => name.endsWith('.gz'))
  const plain = names.filter((name) => !name.endsWith('.gz') && !packed.includes(`${name}.gz`))
  return [...[...packed, ...plain].sort(), 'events.jsonl'].map((name) => {
    const bytes = readFileSync(join(directory, name))
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  })
}

describeKernel('file: a full disk', () => {
  it('leaves whole lines, and the same batch is written once there is room', async () => {
    const directory = folder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', directory])
    cleanups.push(() => execFileSync('umount', [directory]))
    const path = join(directory, 'events.jsonl')
    const sink = await fileKind.create(fileKind.config.parse({ type: 'file', path }), contextOf())
    cleanups.push(() => sink.close())
    const ballast = join(directory, 'ballast')
    execFileSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k', 'count=30'], { stdio: 'ignore' })
    let sequence = 0
    const failure = await (async () => {
      for (; ; sequence += 50) await sink.deliver(batchOf(sequence, 50), signal)
    })().catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'disk_full', passing: true })
    const numbers = (to: number) => Array.from({ length: to }, (_, index) => index)
    expect(sequencesOf(readFileSync(path, 'utf8'))).toEqual(numbers(sequence))
    rmSync(ballast)
    await sink.deliver(batchOf(sequence, 50), signal)
    expect(sequencesOf(readFileSync(path, 'utf8'))).toEqual(numbers(sequence + 50))
  })
})

describeKernel('file: killed (SIGKILL)', () => {
  it('has all that was delivered, nothing twice but what comes again, and no half line', async () => {
    const directory = folder()
    const path = join(directory, 'events.jsonl')
    let delivered = 0
    for (const until of [3, 10, 17, 25, 40]) {
      const writer = spawn(process.execPath, [WRITER, path, String(delivered)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      cleanups.push(() => writer.kill('SIGKILL'))
      let said = ''
      writer.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.split('\n').length > until) writer.kill('SIGKILL')
      })
      await once(writer, 'close')
      delivered = Number(said.trimEnd().split('\n').at(-1))
    }
    const sink = await fileKind.create(
      fileKind.config.parse({ type: 'file', path, keep_files: 1000 }),
      contextOf(),
    )
    await sink.open(signal)
    await sink.close()
    const sequences = textsOf(directory).flatMap(sequencesOf)
    const unique = new Set(sequences)
    for (let sequence = 0; sequence < delivered; sequence++) expect(unique.has(sequence)).toBe(true)
    // At most the batch that was under way, at each of the five ends, is there twice.
    expect(sequences.length - unique.size).toBeLessThanOrEqual(5 * 500)
    expect(Math.max(...unique)).toBeLessThan(delivered + 500)
  })
})
