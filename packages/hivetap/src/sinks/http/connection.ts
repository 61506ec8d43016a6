import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { readTlsFiles, type TlsFiles } from '../secrets/read-tls-files.js'

/** Keeps the connection, and what it is made with: certificates that were replaced give a new one. */
export class Connection {
  readonly #config: TlsFiles
  readonly #note: (message: string) => void
  #plain: Agent | undefined
  #tls: Agent | undefined
  #madeOf = ''

  constructor(config: TlsFiles, note: (message: string) => void) {
    this.#config = config
    this.#note = note
  }

  /** @throws {DeliveryError} if a file cannot be read */
  async agent({ protocol }: URL): Promise<Agent> {
    if (protocol !== 'https:') {
      this.#plain ??= new Agent(KEPT)
      return this.#plain
    }
    const material = await readTlsFiles(this.#config)
    const madeOf = JSON.stringify(material)
    if (this.#tls !== undefined && madeOf === this.#madeOf) return this.#tls
    if (this.#tls !== undefined) this.#note('certificates were read anew')
    this.#tls?.destroy()
    this.#madeOf = madeOf
    this.#tls = new TlsAgent({ ...KEPT, ...material })
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
