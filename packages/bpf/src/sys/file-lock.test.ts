import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BuiltProcess } from '../../../../test/support/built.js'
import { lockFile } from './file-lock.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-lock-'))
})
afterEach(() => rmdirSync(folder))

/** Another process that has the lock. */
async function holder(): Promise<BuiltProcess> {
  const child = new BuiltProcess(`
    const { lockFile } = await import(dist + 'sys/file-lock.js')
    answer(lockFile(${JSON.stringify(folder)}).held)
    await lines().next()`)
  expect(await child.answer()).toBe(true)
  return child
}

describe.runIf(process.platform === 'linux')('a lock on a folder', () => {
  it('is held by one, until it is closed', () => {
    const first = lockFile(folder)
    if (!first.held) throw new Error('it is free')
    expect(lockFile(folder)).toEqual({ held: false, holder: process.pid })
    first.close()
    first.close()
    const second = lockFile(folder)
    expect(second.held).toBe(true)
    if (second.held) second.close()
  })

  it('names the process that has it, and is free when that was killed', async () => {
    const child = await holder()
    expect(lockFile(folder)).toEqual({ held: false, holder: child.pid })
    await child.kill()
    const lock = lockFile(folder)
    expect(lock.held).toBe(true)
    if (lock.held) lock.close()
  })

  it('is on the folder that is there now', () => {
    const old = lockFile(folder)
    rmdirSync(folder)
    mkdirSync(folder)
    const lock = lockFile(folder)
    expect([old, lock].map((each) => each.held && each.current)).toEqual([false, true])
    for (const each of [old, lock]) if (each.held) each.close()
  })

  it('is not to be had of nothing', () => {
    expect(() => lockFile(join(folder, 'none'))).toThrow(/ENOENT/)
  })
})
