import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { boottimeNs, monotonicNs, realtimeNs } from './clock.js'

describeKernel('the clocks', () => {
  it('are monotonic time as Node has it', () => {
    const before = process.hrtime.bigint()
    const now = monotonicNs()
    const after = process.hrtime.bigint()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(after)
  })

  it('are monotonic time since the host was started, less what it slept', () => {
    const now = monotonicNs()
    const [uptime = ''] = readFileSync('/proc/uptime', 'utf8').split(' ')
    // /proc/uptime is rounded down to hundredths of a second.
    expect(now).toBeLessThanOrEqual(BigInt(Math.round((Number(uptime) + 0.01) * 1e9)))
  })

  it('are time since the host was started, as /proc/uptime has it', () => {
    // It is rounded down to hundredths of a second.
    const uptime = () => BigInt(readFileSync('/proc/uptime', 'utf8').split(' ')[0]?.replace('.', '') ?? 0)
    const before = uptime()
    const now = boottimeNs() / 10_000_000n
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(uptime())
  })

  it('are wall time as Node has it', () => {
    const before = BigInt(Date.now()) * 1_000_000n
    const now = realtimeNs()
    const after = BigInt(Date.now() + 1) * 1_000_000n
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(after)
  })
})
