import type { AgentConfig, AgentLog, RunningAgent } from '../agent.js'
import { ConfigError, describeProblem } from '../config/config-error.js'
import { errorText } from '../log/error-text.js'
import { changedKeys } from './changed-keys.js'

/** What a reload takes. */
export interface ReloadContext {
  readonly log: AgentLog
  read(): Promise<AgentConfig>
  /** What is changed beside the run: the level of the log. */
  applied(config: AgentConfig): void
}

/** Reads the configuration anew, one time after another: what is asked for meanwhile is done once, afterwards. */
export class Reloader {
  #config: AgentConfig
  readonly #context: ReloadContext
  #running: Promise<void> | undefined
  #again = false

  constructor(config: AgentConfig, context: ReloadContext) {
    this.#config = config
    this.#context = context
  }

  /** Once it resolves, the configuration is as the file was when this was called, or the old one goes on. */
  reload(agent: RunningAgent): Promise<void> {
    if (this.#running !== undefined) this.#again = true
    this.#running ??= this.#run(agent).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(agent: RunningAgent): Promise<void> {
    do {
      this.#again = false
      await this.#once(agent)
    } while (this.#again)
  }

  async #once(agent: RunningAgent): Promise<void> {
    const { log, read, applied } = this.#context
    try {
      const config = await read()
      const changed = changedKeys(this.#config, config)
      // What could not be attached is tried again.
      if (changed.length === 0 && agent.state().tools.every(({ attached }) => attached)) {
        log.info('the configuration was read anew: nothing is changed')
        return
      }
      const { applied: done, needsRestart } = await agent.reload(config)
      this.#config = config
      log.info('the configuration was read anew', { changed, applied: done })
      if (needsRestart.length > 0)
        log.warn('some of what is changed takes a new start of the agent', { needsRestart })
      // Last: what was changed is told at the level of before.
      applied(config)
    } catch (error) {
      if (error instanceof ConfigError)
        for (const problem of error.problems)
          log.error('the configuration is wrong: the old one goes on', { problem: describeProblem(problem) })
      else log.error('the new configuration cannot be used: the old one goes on', { error: errorText(error) })
    }
  }
}
