import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'

/** What connections are made with, PEM; the system's authorities where there are none. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Name that the server's certificate is to be for, if it is not the address's host. */
  readonly servername?: string
  readonly rejectUnauthorized: boolean
}

/** Connections that may be used until it is given back. */
export interface Lease {
  readonly agent: Agent
  release(): void
}

interface Generation {
  readonly agent: Agent
  readonly madeOf: string
  leases: number
}

/** Two lists at once, between which nothing is asked: more that wait are of no use. */
const MOST_IDLE = 2

/**
 * Connections that are kept, and what they were made with. Authorities or certificates that were replaced give new ones; the
 * old ones end once what they carry has ended.
 */
export class Connections {
  readonly #isTls: boolean
  readonly #note: (message: string) => void
  #current: Generation | undefined
  readonly #old = new Set<Generation>()

  constructor(isTls: boolean, note: (message: string) => void) {
    this.#isTls = isTls
    this.#note = note
  }

  lease(material: TlsMaterial): Lease {
    const madeOf = JSON.stringify(material)
    if (this.#current !== undefined && this.#current.madeOf !== madeOf) {
      this.#note('certificates for the API server were read anew')
      this.#old.add(this.#current)
      this.#endIfUnused(this.#current)
      this.#current = undefined
    }
    const options = { keepAlive: true, maxFreeSockets: MOST_IDLE }
    this.#current ??= {
      agent: this.#isTls ? new TlsAgent({ ...options, ...material }) : new Agent(options),
      madeOf,
      leases: 0,
    }
    return this.#take(this.#current)
  }

  close(): void {
    for (const { agent } of this.#old) agent.destroy()
    this.#old.clear()
    this.#current?.agent.destroy()
    this.#current = undefined
  }

  #take(generation: Generation): Lease {
    generation.leases++
    let isHeld = true
    return {
      agent: generation.agent,
      release: () => {
        if (!isHeld) return
        isHeld = false
        generation.leases--
        this.#endIfUnused(generation)
      },
    }
  }

  #endIfUnused(generation: Generation): void {
    if (generation.leases > 0 || !this.#old.delete(generation)) return
    generation.agent.destroy()
  }
}
