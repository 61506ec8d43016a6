import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { argumentBounds, nameThread, threadName } from './own-thread.js'

const linux = process.platform === 'linux'

describe.skipIf(!linux)('the calling thread', () => {
  it('is named and named back', () => {
    const before = threadName()
    if (before === undefined) throw new Error('/proc cannot be read')
    try {
      nameThread(Uint8Array.from(Buffer.from('hivetap-test\0')))
      expect(readFileSync('/proc/thread-self/status', 'utf8')).toMatch(/^Name:\thivetap-test$/m)
    } finally {
      nameThread(before)
    }
    expect(threadName()).toEqual(before)
  })

  it('has arguments and an environment as long as /proc shows them', () => {
    const { argStart, argEnd, envStart, envEnd } = argumentBounds() ?? {
      argStart: 0n,
      argEnd: 0n,
      envStart: 0n,
      envEnd: 0n,
    }
    expect(argStart).toBeGreaterThan(0n)
    expect(envStart).toBeGreaterThanOrEqual(argEnd)
    expect(Number(envEnd - envStart)).toBe(readFileSync('/proc/self/environ').byteLength)
  })
})
