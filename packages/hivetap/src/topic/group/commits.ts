import type { Mark, Marks } from './group-events.js'

const COMMIT_MS = 1000

/** How far partitions may be committed, and how far they are: what is new is said now and then, one commit after the other. */
export class Commits {
  readonly #commit: (fresh: Marks) => Promise<boolean>
  #settled: Marks = new Map()
  #committed: Marks = new Map()
  #begunMs = Number.NEGATIVE_INFINITY
  #underWay: Promise<void> | undefined

  /** @param commit returns whether the group has taken it */
  constructor(commit: (fresh: Marks) => Promise<boolean>) {
    this.#commit = commit
  }

  /** So far may be committed from now on. */
  settled(marks: Marks): void {
    this.#settled = marks
  }

  /** Nothing may be committed, and nothing is known to be. */
  forget(): void {
    this.#settled = new Map()
    this.#committed = new Map()
  }

  /** What may be committed and is not. */
  get fresh(): Marks {
    return new Map([...this.#settled].filter(([each, mark]) => !isSame(mark, this.#committed.get(each))))
  }

  /** The commit that `ifDue` began, until it is over. */
  get underWay(): Promise<void> {
    return this.#underWay ?? Promise.resolve()
  }

  /** Begins a commit, if the last is over and long enough ago. */
  ifDue(): void {
    if (this.#underWay !== undefined || performance.now() - this.#begunMs < COMMIT_MS) return
    this.#underWay = this.now().finally(() => {
      this.#underWay = undefined
    })
  }

  /** Commits what is new. */
  async now(): Promise<void> {
    const { fresh } = this
    this.#begunMs = performance.now()
    if (fresh.size === 0) return
    if (await this.#commit(fresh)) this.#committed = new Map([...this.#committed, ...fresh])
  }
}

function isSame(one: Mark, other: Mark | undefined): boolean {
  return one.offset === other?.offset && one.read === other.read && one.reachedUs === other.reachedUs
}
