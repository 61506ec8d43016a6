// @ts-check
/** What a JobManager answers over HTTP. */

/**
 * @typedef {object} JobReading
 * @property {string} state RUNNING, FINISHED, FAILING, RESTARTING, …
 * @property {number} read records of the topic
 * @property {number} written rows of results
 * @property {number} watermark up to where time is told, milliseconds since 1970; -1 before it is known
 * @property {number} restarts
 * @property {number} checkpoints that were completed
 * @property {number} stateBytes of the last of them
 */

const TIMEOUT_MS = 10_000

export class JobManagerApi {
  /** @param {string} url */
  constructor(url) {
    this.url = url
  }

  /** How many slots there are; `undefined` while nobody answers. */
  async overview() {
    try {
      const found = await this.#get('/overview')
      return { slots: Number(found['slots-total']) }
    } catch {
      return undefined
    }
  }

  /**
   * @param {string} job
   * @returns {Promise<JobReading>}
   */
  async job(job) {
    const { state, vertices } = await this.#get(`/jobs/${job}`)
    const [restarts, checkpoints] = await Promise.all([
      this.#get(`/jobs/${job}/metrics?get=numRestarts`),
      this.#get(`/jobs/${job}/checkpoints`),
    ])
    /** @type {{ id: string, name: string, metrics: Record<string, number> }[]} */
    const all = vertices
    const sources = all.filter(({ name }) => name.startsWith('Source: '))
    const sinks = all.filter(({ name }) => name.includes(': Writer'))
    const marks = await Promise.all(sources.map(({ id }) => this.#watermark(job, id)))
    const reading = {
      // The question of what cannot be read reads the topic once more: that is not twice as much.
      read: Math.max(0, ...sources.map(({ metrics }) => metrics['read-records'] ?? 0)),
      written: sinks.reduce((sum, { metrics }) => sum + (metrics['write-records'] ?? 0), 0),
      watermark: Math.max(-1, ...marks),
    }
    return {
      state,
      ...reading,
      restarts: Number(restarts[0]?.value ?? 0),
      checkpoints: Number(checkpoints.counts?.completed ?? 0),
      stateBytes: Number(checkpoints.latest?.completed?.state_size ?? 0),
    }
  }

  /**
   * Why a job failed last, in Flink's words; empty if it did not.
   *
   * @param {string} job
   * @returns {Promise<string>}
   */
  async failure(job) {
    const found = await this.#get(`/jobs/${job}/exceptions`)
    return String(found.exceptionHistory?.entries?.[0]?.stacktrace ?? found['root-exception'] ?? '')
  }

  /** @param {string} job */
  async cancel(job) {
    await this.#get(`/jobs/${job}?mode=cancel`, 'PATCH')
  }

  /**
   * Up to where a source has told the time; -1 if it is not known.
   *
   * @param {string} job
   * @param {string} source
   */
  async #watermark(job, source) {
    const path = `/jobs/${job}/vertices/${source}/subtasks/metrics`
    /** @type {{ id: string }[]} */
    const known = await this.#get(path)
    const wanted = known.map(({ id }) => id).filter((id) => id.endsWith('.currentOutputWatermark'))
    if (wanted.length === 0) return -1
    /** @type {{ min: number }[]} */
    const values = await this.#get(`${path}?agg=min&get=${encodeURIComponent(wanted.join(','))}`)
    return Math.max(-1, ...values.map(({ min }) => min))
  }

  /**
   * @param {string} path
   * @param {string} [method]
   * @returns {Promise<any>}
   */
  async #get(path, method = 'GET') {
    const response = await fetch(`${this.url}${path}`, { method, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) throw new Error(`Flink answered ${response.status} to ${path}.`)
    const text = await response.text()
    return text === '' ? {} : JSON.parse(text)
  }
}
