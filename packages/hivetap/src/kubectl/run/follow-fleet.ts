import { untilSignal } from '../../cli/end-of-run.js'
import { EXIT } from '../../cli/exit-status.js'
import { STDOUT, tell } from '../../cli/standard-streams.js'
import { Output } from '../../sinks/output.js'
import type { Agent } from '../agents/agent.js'
import { AgentWatch } from '../agents/agent-watch.js'
import { type AgentSelection, findAgents, noAgents } from '../agents/find-agents.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { KubectlError } from '../cluster/kubectl-error.js'
import { Fleet } from './fleet.js'
import { describeFleet, fleetBalances } from './fleet-account.js'
import { type MergedFormat, MergedSink } from './merged-sink.js'

/** How long nodes have to tell their accounts once they are asked to end. */
const LAST_MS = 15_000
/** How long, then, whoever reads has to take what is queued. */
const PATIENCE_MS = 2000

/** What is asked of a run on many nodes. */
export interface FollowOptions extends MergedFormat {
  readonly selection: AgentSelection
  readonly mostNodes: number
  /** Seconds after the first node tells; without end, without. */
  readonly duration?: number
  readonly accounts: boolean
}

/**
 * Runs hivetap beside all agents until a signal, the duration, or the end of whoever reads it; then tells the account.
 *
 * @param words what is run there
 * @returns the exit status
 * @throws {KubectlError} if there is no agent, or the agents cannot be listed
 */
export async function followFleet(
  kubectl: Kubectl,
  words: readonly string[],
  options: FollowOptions,
): Promise<number> {
  const { selection, mostNodes, duration, accounts } = options
  let status: number = EXIT.ok
  await untilSignal(async (stop) => {
    const agents = await findAgents(kubectl, selection, stop.signal).catch((error: unknown) => {
      // Whoever ends it before it has begun has not seen it fail.
      if (!stop.signal.aborted) throw error
    })
    if (agents === undefined) return
    if (agents.length === 0) throw noAgents(selection)
    checkNumber(agents, mostNodes, selection)
    const sink = new MergedSink(new Output(STDOUT), options)
    const watch = new AgentWatch(kubectl, selection)
    let timer: NodeJS.Timeout | undefined
    const fleet = new Fleet({
      kubectl,
      words,
      sink,
      mostNodes,
      accounts,
      say: (text) => void tell(`hivetap: ${text}\n`),
      lost: () => watch.soon(),
      started: () => {
        if (duration !== undefined) timer = setTimeout(() => stop.abort(), duration * 1000)
      },
    })
    try {
      await followUntil(fleet, sink, watch, agents, stop)
    } finally {
      clearTimeout(timer)
      fleet.kill()
      sink.close()
      status = await tellEnd(fleet)
    }
  })
  return status
}

async function followUntil(
  fleet: Fleet,
  sink: MergedSink,
  watch: AgentWatch,
  agents: readonly Agent[],
  stop: AbortController,
): Promise<void> {
  const patience = new AbortController()
  const timers: NodeJS.Timeout[] = []
  stop.signal.addEventListener('abort', () => {
    fleet.stop()
    const giveUp = () => {
      patience.abort()
      sink.discarding = true
      fleet.wake()
    }
    timers.push(
      setTimeout(giveUp, PATIENCE_MS),
      setTimeout(() => fleet.kill(), LAST_MS),
    )
  })
  fleet.update(agents, true)
  // Signals that came while agents were looked for.
  if (stop.signal.aborted) fleet.stop()
  const watching = watch.follow((now) => fleet.update(now, false), stop.signal)
  const isOver = () => {
    if (sink.closed) stop.abort()
    // Where every node said that it cannot, nobody waits for another.
    if (fleet.size === 0 && fleet.failures.size > 0) stop.abort()
    return stop.signal.aborted
  }
  try {
    await fleet.pump(isOver, patience.signal)
  } catch (error) {
    // A full disk: the nodes still tell their accounts, and what they told is counted as not written.
    sink.discarding = true
    stop.abort()
    await fleet.pump(isOver, patience.signal)
    throw error
  } finally {
    stop.abort()
    for (const timer of timers) clearTimeout(timer)
    await watching
  }
}

/** The account of all, in lines on standard error. @returns the exit status */
async function tellEnd({ sessions, failures }: Fleet): Promise<number> {
  const nodes = new Set(sessions.map(({ node }) => node)).size
  for (const line of describeFleet(fleetBalances(sessions), nodes)) await tell(`hivetap: ${line}\n`)
  const ends = [...failures.values()]
  if (ends.length === 0) return EXIT.ok
  const isUsage =
    sessions.length === 0 && ends.every((end) => end.kind === 'failed' && end.status === EXIT.usage)
  return isUsage ? EXIT.usage : EXIT.failure
}

function checkNumber(agents: readonly Agent[], mostNodes: number, { node }: AgentSelection): void {
  if (agents.length <= mostNodes) return
  throw new KubectlError(`There are ${agents.length} agents${node === undefined ? '' : ' on these nodes'}`, {
    hint:
      `More than ${mostNodes} are not followed at once: kubectl takes some 50 MB of this machine for each. ` +
      'Pick some with --node, or say how many with --max-nodes.',
  })
}
