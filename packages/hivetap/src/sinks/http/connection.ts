import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { readPem } from '../secrets/read-pem.js'
import type { HttpConfig } from './config.js'

/** Keeps the connection, and what it is made with: certificates that were replaced give a new one. */
export class Connection {
  readonly #config: Pick<HttpConfig, 'ca_file' | 'cert_file' | 'key_file'>
  readonly #note: (message: string) => void
  #plain: Agent | undefined
  #tls: Agent | undefined
  #madeOf = ''

  constructor(
    config: Pick<HttpConfig, 'ca_file' | 'cert_file' | 'key_file'>,
    note: (message: string) => void,
  ) {
    this.#config = config
    this.#note = note
  }

  /** @throws {DeliveryError} if a file cannot be read */
  async agent({ protocol }: URL): Promise<Agent> {
    if (protocol !== 'https:') {
      this.#plain ??= new Agent(KEPT)
      return this.#plain
    }
    const { ca_file, cert_file, key_file } = this.#config
    const [ca, cert, key] = await Promise.all([
      readPem('certificate', ca_file),
      readPem('certificate', cert_file),
      readPem('key', key_file),
    ])
    const madeOf = JSON.stringify([ca, cert, key])
    if (this.#tls !== undefined && madeOf === this.#madeOf) return this.#tls
    if (this.#tls !== undefined) this.#note('certificates were read anew')
    this.#tls?.destroy()
    this.#madeOf = madeOf
    this.#tls = new TlsAgent({
      ...KEPT,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    })
    return this.#tls
  }

  close(): void {
    this.#plain?.destroy()
    this.#tls?.destroy()
    this.#plain = undefined
    this.#tls = undefined
  }
}

const KEPT = { keepAlive: true, maxSockets: 1 }
