import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Detector } from './detector.js'
import { emptyObservation } from './observation.js'
import { detectionSchema, rulesOf } from './rules/schema.js'

const SECOND = 1_000_000
const START = 1_700_000_000 * SECOND
const LATENESS = 5 * SECOND
const PARTITIONS = 4
const RULES = rulesOf(detectionSchema.parse({ rules: [{ kind: 'over', over: '100ms', window: '10s' }] }))

const fresh = (maxKeys = 100) => new Detector({ rules: RULES, latenessUs: LATENESS, maxKeys })

/** Times of a partition, out of order by the lateness at most. */
const times = fc
  .array(fc.tuple(fc.nat(20 * SECOND), fc.nat(LATENESS)), { minLength: 30, maxLength: 60 })
  .map((steps) => {
    let clock = START
    const sent = steps.map(([step, delay]) => {
      clock += step
      return { timeUs: clock, arrivesUs: clock + delay }
    })
    return sent.sort((one, other) => one.arrivesUs - other.arrivesUs).map(({ timeUs }) => timeUs)
  })

/** Two members of a group, as the brokers see them: who has what, and how far that was committed. */
class Group {
  readonly members = [fresh(), fresh()]
  readonly #times: readonly (readonly number[])[]
  readonly #owner = Array.from({ length: PARTITIONS }, () => 0)
  readonly #read = Array.from({ length: PARTITIONS }, () => 0)
  readonly #committed: { at: number; reachedUs: number | undefined }[]

  constructor(all: readonly (readonly number[])[]) {
    this.#times = all
    this.#committed = all.map(() => ({ at: 0, reachedUs: undefined }))
    for (const member of this.members)
      for (let partition = 0; partition < PARTITIONS; partition++) member.expect(partition)
  }

  read(partition: number): void {
    const timeUs = this.#times[partition]?.[this.#read[partition] ?? 0]
    if (timeUs === undefined) return
    this.#read[partition] = (this.#read[partition] ?? 0) + 1
    const connect = { ...emptyObservation(), stream: partition, timeUs, latencyUs: 200_000 }
    this.#of(partition).take({ ...connect, outcome: 'connected' })
  }

  commit(partition: number): void {
    this.#committed[partition] = {
      at: this.#read[partition] ?? 0,
      reachedUs: this.#of(partition).reachedUs(partition),
    }
  }

  /** A member hears of what the other has committed. */
  hear(member: number): void {
    for (const [partition, owner] of this.#owner.entries())
      if (owner !== member) this.members[member]?.elsewhere(partition, this.#committed[partition]?.reachedUs)
  }

  move(partition: number): void {
    this.#owner[partition] = 1 - (this.#owner[partition] ?? 0)
    this.#read[partition] = this.#committed[partition]?.at ?? 0
    this.#of(partition).expect(partition)
  }

  /** All that it had goes to the other, who begins with what was committed. */
  kill(member: number): void {
    for (const [partition, owner] of this.#owner.entries()) if (owner === member) this.move(partition)
    const next = fresh()
    for (let partition = 0; partition < PARTITIONS; partition++) next.expect(partition)
    this.members[member] = next
  }

  #of(partition: number): Detector {
    return this.members[this.#owner[partition] ?? 0] as Detector
  }
}

describe('detectors that share partitions', () => {
  it('have nothing come late, whoever has them next and however he lost them before', () => {
    let moved = 0
    let opened = 0
    fc.assert(
      fc.property(
        fc.array(times, { minLength: PARTITIONS, maxLength: PARTITIONS }),
        fc.array(fc.tuple(fc.nat(99), fc.nat(PARTITIONS - 1)), { minLength: 100, maxLength: 400 }),
        (all, steps) => {
          const group = new Group(all)
          for (const [what, partition] of steps) {
            if (what < 70) group.read(partition)
            else if (what < 84) group.commit(partition)
            else if (what < 94) group.hear(partition % 2)
            else if (what < 99) {
              group.commit(partition)
              group.move(partition)
              moved++
            } else group.kill(partition % 2)
            for (const member of group.members) {
              expect(member.late).toBe(0)
              opened += member.takeAlerts().length
            }
          }
        },
      ),
      { numRuns: 200 },
    )
    // Time went on all the while.
    expect(moved).toBeGreaterThan(100)
    expect(opened).toBeGreaterThan(100)
  })

  it('read none so far ahead of the slowest that it fills memory', () => {
    const detector = fresh(200_000)
    detector.expect(0)
    detector.elsewhere(1)
    const take = (atS: number, destination = '10.0.0.1:443') =>
      detector.take({
        ...emptyObservation(),
        timeUs: START + atS * SECOND,
        outcome: 'connected',
        destination,
      })
    for (let window = 0; window <= 1000; window++) {
      // Nothing is known of the other yet.
      expect(detector.isAhead(0)).toBe(false)
      take(window * 10)
    }
    expect(detector.isAhead(0)).toBe(true)
    detector.elsewhere(1, START + (10_000 - 320) * SECOND)
    expect(detector.isAhead(0)).toBe(false)
    for (let key = 0; key <= 100_000; key++) take(10_000 - (key % 30) * 10, `10.0.0.1:${key}`)
    expect(detector.isAhead(0)).toBe(false)
    take(10_001)
    expect(detector.isAhead(0)).toBe(true)
    detector.elsewhere(1, START + (10_000 - 310) * SECOND)
    expect(detector.isAhead(0)).toBe(false)
    expect(detector.reachedUs(1)).toBe(START + 9690 * SECOND)
    expect(detector.reachedUs(2)).toBeUndefined()
  })
})
