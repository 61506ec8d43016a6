import { execFileSync } from 'node:child_process'
import { monotonicNs } from '@hivetap/bpf'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { WallClock } from './wall-clock.js'

const date = () => execFileSync('date', ['-u', '+%FT%T.%NZ'], { encoding: 'utf8' }).trim()

describeKernel('WallClock on this host', () => {
  it('tells a time of CLOCK_MONOTONIC as date(1) does', () => {
    const clock = new WallClock()
    const before = date()
    const now = clock.format(Number(monotonicNs()))
    const after = date()
    // Texts of RFC 3339 in UTC sort as the times do.
    expect([before, now, after].sort()).toEqual([before, now, after])
  })
})
