import { tell } from '../../cli/standard-streams.js'
import { Pause } from '../../stream/pause.js'
import type { Kubectl } from '../cluster/kubectl.js'
import type { Agent } from './agent.js'
import { type AgentSelection, findAgents } from './find-agents.js'

/** How often it is looked which agents there are. */
const EVERY_MS = 5000
/** Soonest after the last time. */
const SOON_MS = 500
/** Of its time, the part that looking takes at most: a list of thousands of pods is long. */
const SHARE = 1 / 20

/** Looks now and then which agents there are: nodes come and go. */
export class AgentWatch {
  readonly #kubectl: Kubectl
  readonly #selection: AgentSelection
  readonly #pause = new Pause()

  constructor(kubectl: Kubectl, selection: AgentSelection) {
    this.#kubectl = kubectl
    this.#selection = selection
  }

  /** Something has changed: it looks at once. */
  soon(): void {
    this.#pause.end()
  }

  /** Tells which there are until `signal` aborts. That they cannot be listed is said once, and tried again. */
  async follow(tellAgents: (agents: readonly Agent[]) => void, signal: AbortSignal): Promise<void> {
    const wake = () => this.#pause.end()
    signal.addEventListener('abort', wake)
    let waitMs = EVERY_MS
    let failed = false
    while (!signal.aborted) {
      await this.#pause.wait(waitMs)
      if (signal.aborted) break
      const beginMs = performance.now()
      try {
        const agents = await findAgents(this.#kubectl, this.#selection, signal)
        if (failed) await tell('hivetap: the agents are listed again\n')
        failed = false
        tellAgents(agents)
      } catch (error) {
        if (signal.aborted) break
        const reason = error instanceof Error ? error.message : String(error)
        if (!failed)
          await tell(
            `hivetap: ${reason}; nodes that join or leave are not seen until they are listed again\n`,
          )
        failed = true
      }
      waitMs = Math.max(EVERY_MS, (performance.now() - beginMs) / SHARE)
      // Several that are lost at once are looked at once.
      await new Promise((resolve) => setTimeout(resolve, SOON_MS))
    }
    signal.removeEventListener('abort', wake)
  }
}
