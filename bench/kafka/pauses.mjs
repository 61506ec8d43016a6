// @ts-check
import { PerformanceObserver, performance } from 'node:perf_hooks'

/** @typedef {{ drain(take: (event: any) => void, limit: number): number, wait(options?: object): Promise<void>, wake(): void }} Source */

/**
 * How long a buffer is not read while events come, and how much of it is the garbage collector's, and the spool's. What is neither
 * is work for other events, waiting for those that follow, or another process that has the processor.
 */
export class Pauses {
  /** The buffer, watched. @type {Source} */
  source
  #read = 0
  #own = 0
  #collect = 0
  #append = 0
  #last = 0
  #lastCpu = 0
  #isWatching = false
  #isOn = false
  #observer = new PerformanceObserver((list) => this.#collected(list.getEntries()))

  /**
   * @param {Source} buffer
   * @param {{ append(batch: any, signal: AbortSignal): Promise<boolean> }} spool watched from now on
   */
  constructor(buffer, spool) {
    this.source = {
      drain: (take, limit) => {
        if (this.#isOn) {
          this.#read = Math.max(this.#read, performance.now() - this.#last)
          this.#own = Math.max(this.#own, cpuMs() - this.#lastCpu)
        }
        const count = buffer.drain(take, limit)
        // Before the first events it is not read, since there is nothing.
        if (count > 0) this.#isOn = this.#isWatching
        this.#last = performance.now()
        this.#lastCpu = cpuMs()
        return count
      },
      wait: (options) => buffer.wait(options),
      wake: () => buffer.wake(),
    }
    const append = spool.append.bind(spool)
    spool.append = async (batch, signal) => {
      const begin = performance.now()
      try {
        return await append(batch, signal)
      } finally {
        if (this.#isOn) this.#append = Math.max(this.#append, performance.now() - begin)
      }
    }
  }

  begin() {
    this.#isWatching = true
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  /** No events come any more. */
  end() {
    this.#isWatching = false
    this.#isOn = false
    this.#collected(this.#observer.takeRecords())
    this.#observer.disconnect()
  }

  /** @param {readonly { duration: number }[]} entries */
  #collected(entries) {
    for (const { duration } of entries) this.#collect = Math.max(this.#collect, duration)
  }

  /**
   * Milliseconds: of the whole run. `ownMs` is the most processor time, of all threads, between two reads: a pause that is longer
   * than that is another process's.
   */
  get longest() {
    return { unreadMs: this.#read, ownMs: this.#own, collectMs: this.#collect, appendMs: this.#append }
  }
}

function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
