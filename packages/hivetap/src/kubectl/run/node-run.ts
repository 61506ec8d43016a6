import { Backoff } from '../../delivery/backoff.js'
import type { Agent } from '../agents/agent.js'
import type { Session, SessionListener } from './session.js'
import type { SessionEnd } from './session-end.js'
import type { SessionRecord } from './session-record.js'
import { SessionTally } from './tally.js'

/** Whom a node's run belongs to. */
export interface NodeHost {
  /** Starts a session with an agent. */
  start(agent: Agent, listener: SessionListener): Session
  /** A session began: `tally` is its account. */
  began(tally: SessionTally): void
  /** A record came. */
  record(tally: SessionTally, record: SessionRecord, bytes: number): void
  /** A connection is lost: it may be that the agent is gone. */
  lost(): void
  /** Says something of the node in a line. */
  say(node: string, text: string): void
}

/** How long a session whose agent is gone has to end. */
const GONE_MS = 8000

/** How the run on a node came to its end. `gone`: its agent is not there any more. */
export type NodeEnd = SessionEnd | { readonly kind: 'gone' }

/** hivetap run beside an agent until it is told to stop: a connection that is lost is made again. */
export class NodeRun {
  readonly agent: Agent
  readonly #host: NodeHost
  readonly #over = new AbortController()
  #session: Session | undefined
  #stopping = false
  #paused = false
  #lastly: NodeJS.Timeout | undefined

  constructor(agent: Agent, host: NodeHost) {
    this.agent = agent
    this.#host = host
  }

  /** Follows it to its end. */
  async follow(): Promise<NodeEnd> {
    try {
      return await this.#follow()
    } finally {
      clearTimeout(this.#lastly)
    }
  }

  async #follow(): Promise<NodeEnd> {
    const { node } = this.agent
    let backoff = new Backoff()
    let told: string | undefined
    for (;;) {
      const { end, wasHeard } = await this.#once(told !== undefined)
      if (end.kind !== 'lost' || this.#stopping) return this.#over.signal.aborted ? { kind: 'gone' } : end
      if (wasHeard) {
        backoff = new Backoff()
        told = undefined
      }
      this.#host.lost()
      const text = `${wasHeard ? 'connection lost' : 'not reached'}: ${end.reason}; it is tried again`
      if (text !== told && !this.#over.signal.aborted) this.#host.say(node, text)
      told = text
      await backoff.wait(true, this.#over.signal)
      if (this.#over.signal.aborted || this.#stopping) return this.#stopping ? end : { kind: 'gone' }
    }
  }

  /** Asks it to end in order, with its account. */
  stop(): void {
    this.#stopping = true
    this.#session?.stop()
    if (this.#session === undefined) this.#over.abort()
  }

  /** Its agent is going, or gone: nobody tries it again. What can still tell its account has some time for it. */
  gone(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#session?.stop()
    this.#lastly = setTimeout(() => this.#session?.kill(), GONE_MS)
  }

  /** Ends what did not end by itself. */
  kill(): void {
    this.#over.abort()
    this.#session?.kill()
  }

  pause(isPaused: boolean): void {
    this.#paused = isPaused
    if (isPaused) this.#session?.pause()
    else this.#session?.resume()
  }

  async #once(isAgain: boolean): Promise<{ end: SessionEnd; wasHeard: boolean }> {
    const { node } = this.agent
    const tally = new SessionTally(node)
    let wasHeard = false
    const session = this.#host.start(this.agent, {
      record: (record, bytes) => {
        if (!wasHeard) {
          this.#host.began(tally)
          if (isAgain) this.#host.say(node, 'followed again')
        }
        wasHeard = true
        this.#host.record(tally, record, bytes)
      },
      unreadable: () => {
        tally.unreadable++
      },
      said: (text) => this.#host.say(node, text),
    })
    this.#session = session
    if (this.#paused) session.pause()
    const end = await session.ended
    this.#session = undefined
    if (tally.unreadable > 0) this.#host.say(node, `${tally.unreadable} lines of it could not be read`)
    return { end, wasHeard }
  }
}
