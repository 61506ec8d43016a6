import { DeliveryError } from '../../../delivery/destination.js'
import { authHeaders } from '../../http/auth.js'
import { type Address, addressOf, HttpClient } from '../../http/http-client.js'
import type { Answer } from '../../http/post.js'
import { quoted, verdictOf } from '../../http/verdict.js'
import type { AlertmanagerConfig } from './config.js'
import { type KeptAlert, postedAlert } from './posted-alert.js'

/** Alerts of one request at most: as many as Prometheus sends. */
const MOST_OF_A_REQUEST = 64

/** One Alertmanager. What it is told it is told in order: a request ends before the next begins. */
export class AlertmanagerPeer {
  /** Requests that failed, by kind. */
  readonly failures = new Map<string, number>()
  readonly #client: HttpClient
  readonly #address: Address
  readonly #note: (message: string) => void
  #last: Promise<unknown> = Promise.resolve()
  #behind: DeliveryError | undefined

  constructor(url: string, config: AlertmanagerConfig, note: (message: string) => void) {
    this.#address = addressOf(`${url.replace(/\/+$/, '')}/api/v2/alerts`)
    this.#note = note
    this.#client = new HttpClient(config, note, () => authHeaders(config.auth))
  }

  /** Why it may not know of all that it should; `undefined` while it does. */
  get behind(): DeliveryError | undefined {
    return this.#behind
  }

  /**
   * Tells it some, behind what it is being told. If that fails, it is behind.
   *
   * @throws {DeliveryError}
   */
  tell(some: readonly KeptAlert[], signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#posts(some, signal), signal)
  }

  /**
   * Tells it all that it should know: then it is behind no more.
   *
   * @param which asked when it is its turn, so that nothing older is told later
   * @throws {DeliveryError}
   */
  tellAll(which: () => readonly KeptAlert[], signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      await this.#posts(which(), signal)
      this.#turn(undefined)
    }, signal)
  }

  close(): void {
    this.#client.close()
  }

  #inTurn(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(work).catch((error: unknown) => {
      if (!signal.aborted) this.#turn(error as DeliveryError)
      throw error
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #turn(error: DeliveryError | undefined): void {
    const before = this.#behind
    this.#behind = error
    if (error !== undefined) this.failures.set(error.kind, (this.failures.get(error.kind) ?? 0) + 1)
    if (error?.kind === before?.kind) return
    this.#note(error?.message ?? `${this.#address.said} takes alerts again`)
  }

  /** One request at least: whether it is there shows one of no alert too. */
  async #posts(alerts: readonly KeptAlert[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from === 0 || from < alerts.length; from += MOST_OF_A_REQUEST)
      await this.#post(alerts.slice(from, from + MOST_OF_A_REQUEST), signal)
  }

  async #post(alerts: readonly KeptAlert[], signal: AbortSignal): Promise<void> {
    if (signal.aborted)
      throw new DeliveryError('aborted', `${this.#address.said}: called off`, { passing: true })
    const now = Date.now()
    const body = Buffer.from(JSON.stringify(alerts.map((alert) => postedAlert(alert, now))))
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const answer = await this.#client.post(this.#address, body, headers, signal)
    const verdict = verdictOf(answer, this.#address.said, 'auth, header_files and cert_file')
    if (verdict.kind === 'delivered') this.#checkSpeaker(answer)
    else if (verdict.kind === 'failed') throw verdict.error
    else if (verdict.kind === 'too_large' && alerts.length > 1) {
      const middle = alerts.length >> 1
      await this.#post(alerts.slice(0, middle), signal)
      await this.#post(alerts.slice(middle), signal)
    } else
      throw new DeliveryError(
        'refused',
        `${this.#address.said} answered ${answer.status} to ${alerts.length} alerts${quoted(answer)}. Is it an Alertmanager with version 2 of the API?`,
        { passing: false },
      )
  }

  /** Alertmanager says nothing when it has taken them, or JSON. A page of something else that says 200 has not. */
  #checkSpeaker(answer: Answer): void {
    const type = answer.headers['content-type'] ?? ''
    if (answer.excerpt.trim() === '' || /json/i.test(type)) return
    throw new DeliveryError(
      'answer_unexpected',
      `${this.#address.said} answered ${answer.status}, but not as Alertmanager does${quoted(answer)}. Look at urls`,
      { passing: false },
    )
  }
}
