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
    const reading = { read: 0, written: 0, watermark: -1 }
    for (const { id } of vertices) {
      const found = await this.#vertex(job, id)
      // The question of what cannot be read reads the topic once more: that is not twice as much.
      reading.read = Math.max(reading.read, found.read)
      reading.written += found.written
      reading.watermark = Math.max(reading.watermark, found.watermark)
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
   * @param {string} job
   * @param {string} vertex
   */
  async #vertex(job, vertex) {
    const path = `/jobs/${job}/vertices/${vertex}/subtasks/metrics`
    /** @type {{ id: string }[]} */
    const known = await this.#get(path)
    const names = known.map(({ id }) => id)
    const reads = names.filter((id) => /^Source__.*\.numRecordsIn$/.test(id))
    const writes = names.filter((id) => /__Writer\.numRecordsOut$|__Writer\.numRecordsSend$/.test(id))
    const marks = reads.length === 0 ? [] : names.filter((id) => id.endsWith('.currentOutputWatermark'))
    const wanted = [...reads, ...writes, ...marks]
    if (wanted.length === 0) return { read: 0, written: 0, watermark: -1 }
    /** @type {{ id: string, sum: number, min: number }[]} */
    const values = await this.#get(`${path}?agg=min,sum&get=${encodeURIComponent(wanted.join(','))}`)
    const sum = (/** @type {readonly string[]} */ of) =>
      values.filter(({ id }) => of.includes(id)).reduce((total, { sum: one }) => total + one, 0)
    return {
      read: sum(reads),
      written: sum(writes.filter((id) => id.endsWith('Send'))),
      watermark: Math.max(-1, ...values.filter(({ id }) => marks.includes(id)).map(({ min }) => min)),
    }
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
