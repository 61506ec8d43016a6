import { isDeepStrictEqual } from 'node:util'
import type { Names } from '../kubernetes/names.js'
import { openNames } from '../kubernetes/open-names.js'
import { describeBalance, totalDropped } from '../probes/balance.js'
import type { Account } from '../stream/sink.js'
import type { AgentConfig, AgentIo, AgentState, Reloaded, RunningAgent } from './agent.js'
import { AgentError } from './agent-error.js'
import { createDestination } from './create-destination.js'
import { Deliveries } from './deliveries.js'
import { EpochFile } from './epoch-file.js'
import { Epochs } from './epochs.js'
import { type OpenSpool, openSpool } from './open-spool.js'
import { patienceOf } from './patience.js'

/** How long a batch may wait for the spool before the pipeline is taken for stuck. */
const STUCK_MS = 30_000

/** What of a configuration decides what is attached, and how it is recorded. */
const OF_EPOCHS = ['tools', 'hook', 'buffer', 'pin', 'queue', 'summaries', 'accountIntervalMs'] as const
/** What takes a new start. */
const OF_START = ['node', 'names', 'spool', 'health'] as const

/**
 * Runs an agent: attaches the tools, records what they tell in the spool, and delivers it, until it is stopped.
 *
 * @throws if it cannot start, or cannot go on
 */
export async function runAgent(config: AgentConfig, io: AgentIo): Promise<void> {
  if (config.pin !== undefined && config.spool.dir === undefined)
    throw new AgentError('pin.enabled needs spool.dir: a spool in memory does not know what was read before')
  const names = config.sinks.map(({ name }) => name)
  const opened = await openSpool(config.spool, names, io.log)
  const { spool, watch } = opened
  try {
    const file = config.spool.dir === undefined ? undefined : new EpochFile(config.spool.dir)
    using names = await openNames(config.names, { signal: io.stop, note: (message) => io.log.warn(message) })
    const epochs = await Epochs.begin(config, { spool, log: io.log, file, names })
    const agent = new Agent(config, io, { opened, epochs, names })
    try {
      await agent.run()
    } finally {
      await agent.close()
    }
  } finally {
    await spool.close()
    watch?.close()
  }
}

class Agent implements RunningAgent {
  #config: AgentConfig
  readonly #io: AgentIo
  readonly #opened: OpenSpool
  readonly #epochs: Epochs
  readonly #deliveries: Deliveries
  readonly #names: Names

  constructor(
    config: AgentConfig,
    io: AgentIo,
    { opened, epochs, names }: { opened: OpenSpool; epochs: Epochs; names: Names },
  ) {
    const { node, queue } = config
    const { log } = io
    const { spool } = opened
    this.#config = config
    this.#io = io
    this.#opened = opened
    this.#epochs = epochs
    this.#names = names
    const mostBytes = queue.sinkBytes
    this.#deliveries = new Deliveries({ spool, node, log, mostBytes, create: createDestination })
  }

  async run(): Promise<void> {
    const { log, stop } = this.#io
    await this.#deliveries.use(this.#config.sinks)
    for (const { tool, attached, rung, buffer } of this.#epochs.tools)
      if (attached) log.info('attached', { tool, rung, buffer })
    log.info('recording', { epoch: this.#epochs.epoch, node: this.#config.node })
    this.#io.ready(this)
    const patience = patienceOf(this.#io, () => this.#config.shutdownTimeoutMs)
    const accounts = await this.#epochs.run(stop, patience)
    const isDelivered = await this.#deliveries.drain(patience)
    this.#tellEnd(accounts, isDelivered)
  }

  async close(): Promise<void> {
    this.#epochs.close()
    await this.#deliveries.close()
  }

  state(): AgentState {
    const accounts = this.#epochs.accounts()
    const dropped: Record<string, number> = {}
    const { spool, faults } = this.#opened
    for (const { balance } of accounts)
      for (const [reason, count] of balance.dropped) dropped[reason] = (dropped[reason] ?? 0) + count
    return {
      epoch: this.#epochs.epoch,
      tools: this.#epochs.tools,
      sinks: this.#deliveries.states(),
      spool: {
        heldBytes: spool.counters.heldBytes,
        maxBytes: this.#config.spool.maxBytes,
        faults: faults(),
      },
      produced: accounts.reduce((sum, { balance }) => sum + balance.produced, 0),
      dropped,
      summaries: this.#epochs.summaries,
      names: { ...this.#names.counters, away: this.#names.away, learned: this.#names.learned },
    }
  }

  isAlive(): boolean {
    const waiting = this.#epochs.waitingMs
    // Where it is to wait for room, it waits.
    return waiting === undefined || this.#config.spool.policy === 'block' || waiting < STUCK_MS
  }

  async reload(config: AgentConfig): Promise<Reloaded> {
    const before = this.#config
    const changed = (keys: readonly (keyof AgentConfig)[]) =>
      keys.filter((key) => !isDeepStrictEqual(before[key], config[key]))
    const ofEpochs = changed(OF_EPOCHS)
    const sinks = await this.#deliveries.use(config.sinks)
    let isRetried = false
    try {
      if (ofEpochs.length > 0) this.#epochs.replace(config)
      else isRetried = this.#epochs.retry(config)
    } catch (error) {
      await this.#deliveries.use(before.sinks)
      throw error
    }
    const needsRestart = changed(OF_START)
    const { node, names, spool, health } = before
    this.#config = { ...config, node, names, spool, health }
    const epochs = isRetried ? ['tools'] : ofEpochs
    return { applied: [...epochs, ...sinks.map((name) => `sinks.${name}`)], needsRestart }
  }

  /** The ledger, for people. */
  #tellEnd(accounts: readonly Account[], isDelivered: boolean): void {
    const { log } = this.#io
    for (const { tool, balance } of accounts) {
      const subject = this.#config.tools.find((each) => each.tool.name === tool)?.tool.subject ?? 'events'
      const say = totalDropped(balance) > 0 ? log.warn.bind(log) : log.info.bind(log)
      say(`ledger: ${describeBalance(balance, subject)}`, { tool })
    }
    for (const { name, delivered, lost, backlogBytes } of this.#deliveries.states()) {
      const counts = { sink: name, delivered, lost, left_in_spool_bytes: backlogBytes }
      if (isDelivered) log.info('ledger: all was delivered', counts)
      else if (this.#config.spool.dir !== undefined)
        log.warn('ledger: not all was delivered in time: the next run on this spool goes on', counts)
      else log.error('ledger: not all was delivered in time, and the spool is in memory: it is lost', counts)
    }
  }
}
