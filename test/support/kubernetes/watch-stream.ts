import type { ResourceSink } from '../../../packages/hivetap/src/kubernetes/model/resource-sink.js'

interface News {
  readonly atMs: number
  readonly tell: () => void
}

/** One resource's objects, and the news of them on their way to a sink: in order, late, and at times not at all. */
export class WatchStream<T> {
  readonly #sink: ResourceSink<T>
  readonly #pick: (object: unknown) => T | undefined
  readonly #delayMs: () => number
  readonly #objects = new Map<string, unknown>()
  #news: News[] = []
  #silentToMs = Number.NEGATIVE_INFINITY

  constructor(sink: ResourceSink<T>, pick: (object: unknown) => T | undefined, delayMs: () => number) {
    this.#sink = sink
    this.#pick = pick
    this.#delayMs = delayMs
  }

  /** When the next news arrive. */
  get nextMs(): number {
    return this.#news[0]?.atMs ?? Number.POSITIVE_INFINITY
  }

  put(key: string, object: unknown, nowMs: number): void {
    if (JSON.stringify(this.#objects.get(key)) === JSON.stringify(object)) return
    this.#objects.set(key, object)
    const item = this.#picked(object)
    this.#send(nowMs, () => this.#sink.put(item))
  }

  remove(key: string, nowMs: number): void {
    const object = this.#objects.get(key)
    if (!this.#objects.delete(key)) return
    const item = this.#picked(object)
    this.#send(nowMs, () => this.#sink.remove(item))
  }

  /** When all was told last. */
  listedMs = Number.NEGATIVE_INFINITY

  /** News that were on their way are lost; all there is now is told. */
  list(nowMs: number): void {
    this.listedMs = nowMs
    this.#news = []
    this.#silentToMs = Number.NEGATIVE_INFINITY
    const items = [...this.#objects.values()].map((object) => this.#picked(object))
    this.#send(nowMs, () => this.#sink.replace(items))
  }

  /** Nothing arrives for so long; then all at once. */
  silence(nowMs: number, forMs: number): void {
    this.#silentToMs = Math.max(this.#silentToMs, nowMs + forMs)
    this.#news = this.#news.map(({ atMs, tell }) => ({ atMs: Math.max(atMs, this.#silentToMs), tell }))
  }

  deliver(): void {
    this.#news.shift()?.tell()
  }

  #picked(object: unknown): T {
    const item = this.#pick(object)
    if (item === undefined) throw new Error(`an object that is one was not picked: ${JSON.stringify(object)}`)
    return item
  }

  #send(nowMs: number, tell: () => void): void {
    const last = this.#news.at(-1)?.atMs ?? 0
    this.#news.push({ atMs: Math.max(last, this.#silentToMs, nowMs + this.#delayMs()), tell })
  }
}
