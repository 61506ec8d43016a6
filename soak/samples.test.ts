import { expect, it } from 'vitest'
import { judge, type Sample } from './samples.mjs'

const MINUTE_MS = 60_000

/** Two minutes, a sample each two seconds; resident memory and descriptors as a part of the run tells. */
function samples(rssMB: (part: number) => number, fds: (part: number) => number): Sample[] {
  return Array.from({ length: 61 }, (_, index) => ({
    atMs: (index * 2 * MINUTE_MS) / 60,
    collected: index % 4 === 0,
    // Garbage between the collections is a matter of when it is looked at.
    rssMB: rssMB(index / 60) + (index % 4) * 10,
    fds: fds(index / 60),
    threads: 11,
  }))
}

const warmingUp = (part: number) => (part < 0.2 ? 80 + part * 100 : 100)
const comingAndGoing = (part: number) => 20 + Math.round(Math.sin(part * 50))

it('finds nothing wrong with a run that warms up and then stays as it is', () => {
  expect(judge(samples(warmingUp, comingAndGoing)).faults).toEqual([])
})

it('finds memory that grows', () => {
  expect(judge(samples((part) => 100 + part * 40, comingAndGoing)).faults).toEqual([
    expect.stringContaining('resident memory in use grew by'),
  ])
})

it('finds descriptors that are left open', () => {
  expect(judge(samples(warmingUp, (part) => 20 + Math.floor(part * 30))).faults).toEqual([
    expect.stringContaining('descriptors more are open'),
  ])
})

it('takes a run of which nothing is known for no good one', () => {
  expect(judge([]).faults).not.toEqual([])
})
