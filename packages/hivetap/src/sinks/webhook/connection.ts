import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { WebhookConfig } from './config.js'
import { readHeader, readSecret } from './read-secret.js'

/** Keeps the connection, and what it is made with: certificates that were replaced give a new one. */
export class Connection {
  readonly #config: WebhookConfig
  readonly #note: (message: string) => void
  #agent: Agent | undefined
  #madeOf = ''

  constructor(config: WebhookConfig, note: (message: string) => void) {
    this.#config = config
    this.#note = note
  }

  /** @throws {DeliveryError} if a file cannot be read */
  async agent(): Promise<Agent> {
    const { url, ca_file, cert_file, key_file } = this.#config
    if (!url.startsWith('https:')) {
      this.#agent ??= new Agent(KEPT)
      return this.#agent
    }
    const [ca, cert, key] = await Promise.all(
      [ca_file, cert_file, key_file].map((path) => (path === undefined ? undefined : readSecret(path))),
    )
    const madeOf = JSON.stringify([ca, cert, key])
    if (this.#agent !== undefined && madeOf === this.#madeOf) return this.#agent
    if (this.#agent !== undefined) this.#note('certificates were read anew')
    this.#agent?.destroy()
    this.#madeOf = madeOf
    this.#agent = new TlsAgent({
      ...KEPT,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
    return this.#agent
  }

  /** @throws {DeliveryError} if a file cannot be read, or holds no header */
  async headers(): Promise<Record<string, string>> {
    const { headers, header_files } = this.#config
    const secret = Object.entries(header_files).map(
      async ([name, path]) => [name, await readHeader(name, path)] as const,
    )
    return { ...headers, ...Object.fromEntries(await Promise.all(secret)) }
  }

  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }
}

const KEPT = { keepAlive: true, maxSockets: 1 }
