import { type JsonObject, parseJsonObject } from '../../stream/json-object.js'
import { printable } from '../../stream/printable.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { isForbidden, kubectlError } from '../cluster/kubectl-error.js'
import { sessionEnd } from '../run/session-end.js'
import type { Agent } from './agent.js'

/** Agents that are asked at once. */
const AT_ONCE = 16
/** How long one has to answer. */
const PATIENCE_MS = 30_000

/** What an agent answers: an object of JSON, or why there is none. */
export interface Answer {
  readonly agent: Agent
  readonly json?: JsonObject
  readonly reason?: string
}

/**
 * Runs a command of hivetap that prints JSON beside each agent.
 *
 * @param words the command, for an agent; without one it is not asked
 * @returns an answer an agent, in their order
 * @throws {KubectlError} if the cluster does not let this user
 */
export async function askAgents(
  kubectl: Kubectl,
  agents: readonly Agent[],
  words: (agent: Agent) => readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  let next = 0
  const askNext = async () => {
    for (let index = next++; index < agents.length; index = next++) {
      const agent = agents[index] as Agent
      answers[index] = { agent, ...(await ask(kubectl, agent, words(agent), signal)) }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askNext))
  return answers
}

async function ask(
  kubectl: Kubectl,
  agent: Agent,
  words: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Pick<Answer, 'json' | 'reason'>> {
  const { namespace, pod, container, command } = agent
  if (!agent.running) return { reason: `its agent does not run: ${agent.reason ?? 'it does not say why'}` }
  if (words === undefined) return { reason: 'its agent has no probe that tells where its health is' }
  const place = [`--namespace=${namespace}`, `--container=${container}`, pod]
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
  try {
    const { status, stdout, stderr } = await kubectl.run(['exec', ...place, '--', ...command, ...words], {
      signal: patience,
      input: '',
    })
    const json = parseJsonObject(Buffer.from(stdout))
    if (json !== undefined) return { json }
    if (isForbidden(stderr)) throw kubectlError('ask the agents', stderr)
    const end = sessionEnd(status, stderr, true)
    return { reason: end.kind === 'ended' ? 'it answers something that is no JSON' : printable(end.reason) }
  } catch (error) {
    if (signal.aborted || !patience.aborted) throw error
    return { reason: `it does not answer within ${PATIENCE_MS / 1000} seconds` }
  }
}
