import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { HIVETAP, Hivetap } from '../../../../test/support/hivetap.js'

const WRITER = fileURLToPath(new URL('../../../../test/support/store-writer.mjs', import.meta.url))
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function storePath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'hivetap-while-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  return join(directory, 'store.duckdb')
}

/** A process that writes as fast as it can. */
function writer(path: string, first: number) {
  const child = spawn(process.execPath, [WRITER, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const state = { child, ended, written: first }
  cleanups.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    state.written = Number(text.trimEnd().split('\n').at(-1))
  })
  return state
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

const ask = async (path: string, sql: string) => {
  const run = new Hivetap(['query', sql, '--store', path, '-o', 'json'])
  cleanups.push(() => run.kill())
  const { code } = await run.ended()
  expect({ code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(run.stdout) as Readonly<Record<string, number>>
}

const COUNT = 'SELECT count(*) AS n, count(DISTINCT sequence) AS of, max(sequence) + 1 AS next FROM connects'

describe('a store that is written without rest', () => {
  it('can be asked: what was delivered before the question is in the answer', async () => {
    const path = storePath()
    const { written } = await (async () => {
      const state = writer(path, 0)
      await until(() => state.written > 1000)
      return state
    })()
    const { n, of, next } = await ask(path, COUNT)
    expect(n).toBeGreaterThanOrEqual(written)
    expect({ of, next }).toEqual({ of: n, next: n })
  })

  it('goes on being written once a long query is over', async () => {
    const path = storePath()
    const state = writer(path, 0)
    await until(() => state.written > 0)
    const long = new Hivetap([
      'query',
      'SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 9',
      '--store',
      path,
    ])
    cleanups.push(() => long.kill())
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const { code } = await long.end('SIGINT')
    expect({ code, stderr: long.stderr }).toEqual({ code: 1, stderr: 'hivetap: Interrupted.\n' })
    const before = state.written
    await until(() => state.written > before + 1000)
  })

  it('has every batch once after the writer was killed (SIGKILL)', async () => {
    const path = storePath()
    let delivered = 0
    for (let times = 0; times < 3; times++) {
      const state = writer(path, delivered)
      await until(() => state.written > delivered + 800)
      state.child.kill('SIGKILL')
      await state.ended
      delivered = state.written
    }
    const { n, of, next } = await ask(path, COUNT)
    expect({ of, next }).toEqual({ of: n, next: n })
    expect(n).toBeGreaterThanOrEqual(delivered)
  })
})

describe('hivetap query and report', () => {
  it('say plainly that there is no store', () => {
    for (const args of [['query', 'SELECT 1'], ['report']]) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [HIVETAP, ...args, '--store', '/nowhere/store'],
        {
          encoding: 'utf8',
        },
      )
      expect(status).toBe(1)
      expect(stderr).toBe(
        'hivetap: There is no store at /nowhere/store. An agent with a sink of the type duckdb makes one; --store says where it is.\n',
      )
    }
  })
})
