import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveryError } from '../../delivery/destination.js'
import type { HttpConfig } from './config.js'
import { Connection } from './connection.js'
import { type Answer, post } from './post.js'
import { readHeader } from './read-header.js'
import { retryAfterMs } from './verdict.js'

/** A server may ask for a longer rest: it is asked again after this. */
const LONGEST_REST_MS = 300_000

/** Where requests go. */
export interface Address {
  readonly url: URL
  /** How it is told: a part of it may be a secret. */
  readonly said: string
}

/** An address from a configuration, told without what stands behind `?`, which may be a secret. */
export function addressOf(text: string): Address {
  const url = new URL(text)
  return { url, said: url.origin + url.pathname }
}

/** What one server is sent: on one connection, with its secrets, within a time, and not while it asked to be left alone. */
export class HttpClient {
  readonly #config: HttpConfig
  readonly #connection: Connection
  readonly #more: () => Promise<Readonly<Record<string, string>>>
  #restUntilMs = 0

  /** @param more further headers, made anew for each request */
  constructor(
    config: HttpConfig,
    note: (message: string) => void,
    more: () => Promise<Readonly<Record<string, string>>> = async () => ({}),
  ) {
    this.#config = config
    this.#connection = new Connection(config, note)
    this.#more = more
  }

  /**
   * Whether its files can be read: a request that asks for nothing there is none.
   *
   * @throws {DeliveryError}
   */
  async check({ url }: Address): Promise<void> {
    await this.#connection.agent(url)
    await this.#headers()
  }

  /**
   * Makes a POST, and gives back what was answered, whatever it is.
   *
   * @param headers what the body is
   * @throws {DeliveryError} where no answer came
   */
  async post(
    { url, said }: Address,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Answer> {
    await this.#rest(said, signal)
    const { timeout } = this.#config
    const all = { ...(await this.#headers()), ...headers }
    const agent = await this.#connection.agent(url)
    const deadline = AbortSignal.timeout(timeout)
    const until = AbortSignal.any([signal, deadline])
    const answer = await post({ url, agent, headers: all, body, signal: until }).catch((error: unknown) => {
      throw noAnswer(error, said, deadline.aborted && !signal.aborted ? timeout : undefined)
    })
    this.#listen(answer)
    return answer
  }

  close(): void {
    this.#connection.close()
  }

  async #headers(): Promise<Record<string, string>> {
    const { headers, header_files } = this.#config
    const secret = Object.entries(header_files).map(
      async ([name, path]) => [name, await readHeader(name, path)] as const,
    )
    return { ...headers, ...Object.fromEntries(await Promise.all(secret)), ...(await this.#more()) }
  }

  #listen({ status, headers }: Answer): void {
    if (status < 400) return
    const now = Date.now()
    this.#restUntilMs = now + retryAfterMs(headers, now, LONGEST_REST_MS)
  }

  /** As long as the server asked for. */
  async #rest(said: string, signal: AbortSignal): Promise<void> {
    const ms = Math.min(this.#restUntilMs - Date.now(), LONGEST_REST_MS)
    if (ms > 0)
      await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
        throw new DeliveryError('aborted', `${said} had asked for a rest`, { passing: true, cause })
      })
  }
}

/** Certificates that do not fit are mended by somebody; all else may pass. */
function noAnswer(error: unknown, said: string, timeoutMs: number | undefined): DeliveryError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const tls = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED|HOSTNAME)/.test(code)
  if (timeoutMs !== undefined)
    return new DeliveryError('timed_out', `${said} did not answer within ${timeoutMs} ms`, { passing: true })
  if (tls)
    return new DeliveryError('tls_failed', `${said}: ${message}. Look at ca_file, cert_file and key_file`, {
      passing: false,
      cause: error,
    })
  const kind = code.startsWith('HPE_') ? 'answer_unreadable' : 'unreachable'
  return new DeliveryError(kind, `${said}: ${message}`, { passing: true, cause: error })
}
