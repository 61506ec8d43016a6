import type { GroupPlace } from './group-place.js'

/** Says once of a partition that it is waited for no longer, and once that it is there again. */
export class SilentPlaces {
  readonly #topic: string
  readonly #say: (text: string) => void
  readonly #silent = new Set<number>()

  constructor(topic: string, say: (text: string) => void) {
    this.#topic = topic
    this.#say = say
  }

  /** @param othersMs since when others have been answering */
  note(place: GroupPlace, nowMs: number, othersMs: number): void {
    const { partition } = place
    const isSilent = place.isSilent(nowMs, othersMs)
    if (isSilent === this.#silent.has(partition)) return
    const where = `partition ${partition} of topic ${this.#topic}`
    if (isSilent) {
      this.#silent.add(partition)
      this.#say(
        `nothing was heard of ${where} for two minutes: time goes on without it, and what it has will be late`,
      )
    } else {
      this.#silent.delete(partition)
      this.#say(`${where} is heard of again`)
    }
  }
}
