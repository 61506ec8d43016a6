import { Pause } from '../../stream/pause.js'
import type { Agent } from '../agents/agent.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { Merge } from '../merge/merge.js'
import type { MergedSink, NodeEvent, RowHead } from './merged-sink.js'
import { type NodeEnd, type NodeHost, NodeRun } from './node-run.js'
import { Session, type SessionListener } from './session.js'
import type { SessionRecord } from './session-record.js'
import type { SessionTally } from './tally.js'

/** How long an event waits for nodes that are slower, milliseconds. */
const WAIT_MS = 300
/** What is held of all nodes before they are made to wait. */
const MOST_HELD = { items: 20_000, bytes: 32 << 20 }
/**
 * A clock that is further off than this, microseconds, is said so, and its node's events are put where they came. What a node
 * says when it begins may be some seconds on its way.
 */
const CLOCK_OFF_US = 5_000_000

/** Sentences that are remembered, not to say them again. */
const MOST_SAID = 10_000

/** What a fleet is followed with. */
export interface FleetOptions {
  readonly kubectl: Kubectl
  /** What is run beside each agent: `['tcpconnlat', '--output=rows', …]`. */
  readonly words: readonly string[]
  readonly sink: MergedSink
  /** Nodes that are followed at once, at most. */
  readonly mostNodes: number
  /** Says something in a line on standard error. */
  readonly say: (text: string) => void
  /** The first node tells. */
  readonly started: () => void
  /** A connection was lost: it is time to look which agents there are. */
  readonly lost: () => void
  /** Accounts are written too. */
  readonly accounts: boolean
}

/** Runs hivetap beside many agents, and merges what they tell. */
export class Fleet implements NodeHost {
  /** What was heard, a session each. */
  readonly sessions: SessionTally[] = []
  /** How runs ended, by the UID of their pods, of those that did not end in order. */
  readonly failures = new Map<string, NodeEnd>()
  readonly #options: FleetOptions
  readonly #merge = new Merge<NodeEvent>(WAIT_MS, MOST_HELD)
  readonly #runs = new Map<string, NodeRun>()
  readonly #heads = new WeakMap<SessionTally, Map<string, RowHead>>()
  /** By node, what its clock is put right by. */
  readonly #offsetsUs = new Map<string, number>()
  readonly #pause = new Pause()
  readonly #said = new Set<string>()
  #paused = false
  #started = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  /** How many nodes are followed. */
  get size(): number {
    return this.#runs.size
  }

  /** Follows agents that are new, and lets go of those that are not there any more. */
  update(agents: readonly Agent[], isFirst: boolean): void {
    const { mostNodes } = this.#options
    const there = new Set(agents.map(({ uid }) => uid))
    for (const [uid, run] of this.#runs) {
      if (!there.has(uid)) run.gone()
    }
    for (const agent of agents) {
      const { node, uid } = agent
      if (this.#runs.has(uid) || this.failures.has(uid)) continue
      if (!agent.running)
        this.#sayOnce(node, `its agent does not run: ${agent.reason ?? 'it does not say why'}`)
      else if (this.#runs.size >= mostNodes)
        this.#sayOnce(node, `not followed: ${mostNodes} nodes are already (--max-nodes)`)
      else this.#follow(agent, isFirst)
    }
  }

  /** Moves what nodes tell to the sink until every run has ended and `isOver` says that no more are to come. */
  async pump(isOver: () => boolean, patience: AbortSignal): Promise<void> {
    const { sink } = this.#options
    while (!isOver() || this.#runs.size > 0) {
      await this.#moveDue(performance.now(), patience)
      if (sink.closed) sink.discarding = true
      await this.#pause.wait(this.#merge.dueInMs(performance.now()) ?? 1000)
    }
    await this.#moveDue(Number.POSITIVE_INFINITY, patience)
  }

  /** Ends the wait of `pump`. */
  wake(): void {
    this.#pause.end()
  }

  /** Asks every run to end in order. */
  stop(): void {
    for (const run of this.#runs.values()) run.stop()
    this.wake()
  }

  /** Ends those that did not; of what they told there is no account. */
  kill(): void {
    for (const run of this.#runs.values()) run.kill()
  }

  start(agent: Agent, listener: SessionListener): Session {
    return new Session(this.#options.kubectl, agent, this.#options.words, listener)
  }

  began(tally: SessionTally): void {
    this.sessions.push(tally)
    if (!this.#started) this.#options.started()
    this.#started = true
  }

  lost(): void {
    this.#options.lost()
  }

  say(node: string, text: string): void {
    this.#options.say(`${node}: ${text}`)
  }

  record(tally: SessionTally, record: SessionRecord, bytes: number): void {
    const { node } = tally
    const tool = tally.of(record.tool)
    if (tool === undefined) return
    if (record.kind === 'ledger') {
      tool.ledger = record.record
      tool.ended = record.ended
      if (this.#options.accounts) this.#options.sink.record(node, record.record)
    } else if (record.kind === 'head') {
      this.#headsOf(tally).set(record.tool, record)
      this.#options.sink.head(record.tool, record)
      this.#checkClock(node, record.timeUs)
    } else {
      tool.received += record.weight
      const head = this.#headsOf(tally).get(record.tool)
      this.#merge.add(
        { node, timeUs: this.#orderUs(node, record.timeUs), bytes, item: { ...record, tally, head } },
        performance.now(),
      )
      if (this.#merge.full && !this.#paused) this.#pauseAll(true)
    }
    this.wake()
  }

  async #moveDue(nowMs: number, patience: AbortSignal): Promise<void> {
    const { sink } = this.#options
    for (const released of this.#merge.take(nowMs)) sink.take(released)
    await sink.flush(patience)
    if (this.#paused && this.#merge.roomy) this.#pauseAll(false)
  }

  #follow(agent: Agent, isFirst: boolean): void {
    const { node, uid } = agent
    const run = new NodeRun(agent, this)
    this.#runs.set(uid, run)
    this.#merge.join(node)
    this.#options.sink.widen(node)
    if (!isFirst) this.say(node, 'joins')
    void run.follow().then((end) => {
      this.#runs.delete(uid)
      if (![...this.#runs.values()].some((one) => one.agent.node === node)) this.#merge.leave(node)
      this.#sayEnd(agent, end)
      this.wake()
    })
  }

  #sayEnd({ node, uid }: Agent, end: NodeEnd): void {
    if (end.kind === 'ended') return
    if (end.kind === 'gone') {
      this.say(node, 'leaves: its agent is gone')
      return
    }
    this.failures.set(uid, end)
    const hint = end.kind === 'refused' && end.hint !== undefined ? `. ${end.hint}` : ''
    // What is so on every node is said once.
    const text = `${end.reason}${hint}`
    if (end.kind === 'lost') this.say(node, `it did not end in order: ${text}`)
    else if (this.#said.has(text)) this.say(node, 'the same')
    else this.say(node, `it cannot be followed: ${text}`)
    this.#said.add(text)
  }

  #sayOnce(node: string, text: string): void {
    if (this.#said.has(`${node}: ${text}`)) return
    if (this.#said.size >= MOST_SAID) this.#said.clear()
    this.#said.add(`${node}: ${text}`)
    this.say(node, text)
  }

  #pauseAll(isPaused: boolean): void {
    this.#paused = isPaused
    for (const run of this.#runs.values()) run.pause(isPaused)
  }

  #headsOf(tally: SessionTally): Map<string, RowHead> {
    const heads = this.#heads.get(tally) ?? new Map<string, RowHead>()
    this.#heads.set(tally, heads)
    return heads
  }

  /** A node says, when it begins, which time it has. */
  #checkClock(node: string, timeUs: number): void {
    const offUs = Date.now() * 1000 - timeUs
    if (Math.abs(offUs) < CLOCK_OFF_US) {
      this.#offsetsUs.delete(node)
      return
    }
    this.#offsetsUs.set(node, offUs)
    const seconds = Math.round(Math.abs(offUs) / 1e6)
    this.#sayOnce(
      node,
      `its clock is ${seconds} s ${offUs > 0 ? 'behind' : 'ahead of'} this machine’s: its times are as it tells them, its place among the others is not`,
    )
  }

  /** Where an event belongs among those of other nodes. A clock that runs away is not let ahead of the others. */
  #orderUs(node: string, timeUs: number): number {
    return Math.min(timeUs + (this.#offsetsUs.get(node) ?? 0), Date.now() * 1000 + CLOCK_OFF_US)
  }
}
