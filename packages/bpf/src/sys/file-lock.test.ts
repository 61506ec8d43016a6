import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFile } from './file-lock.js'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

describe('lockFile', () => {
  it('locks a file once, until it is closed', () => {
    const path = join(dir, 'lock')
    const first = openSync(path, 'a')
    const second = openSync(path, 'a')
    expect(lockFile(first)).toBe(true)
    expect(lockFile(first)).toBe(true)
    expect(lockFile(second)).toBe(false)
    closeSync(first)
    expect(lockFile(second)).toBe(true)
    closeSync(second)
  })

  it('says what the kernel says of a descriptor that is none', () => {
    expect(() => lockFile(-1)).toThrow('EBADF')
  })
})
