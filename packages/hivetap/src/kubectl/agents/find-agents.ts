import { Option } from 'commander'
import type { Kubectl } from '../cluster/kubectl.js'
import { isForbidden, KubectlError, kubectlError } from '../cluster/kubectl-error.js'
import { type Agent, agentsIn } from './agent.js'

/** Where agents are looked for, unless told. */
const NAMESPACE = 'hivetap'
const SELECTOR = 'app.kubernetes.io/name=hivetap'

/** Which agents are meant. */
export interface AgentSelection {
  /** The namespace that they are in; without, all are looked at. */
  readonly agentsNamespace?: string
  readonly agentsSelector?: string
  /** Nodes; all, without. */
  readonly node?: readonly string[]
}

/** Flags that pick agents. */
export function selectionOptions(): Option[] {
  return [
    new Option(
      '--agents-namespace <NAME>',
      'the namespace of the agents; without, they are looked for in all',
    ),
    new Option('--agents-selector <LABELS>', `labels of the agents’ pods, ${SELECTOR} by itself`),
    new Option('--node <NODE,…>', 'only these nodes').argParser(nodeList),
  ]
}

function nodeList(text: string, before: readonly string[] = []): readonly string[] {
  return [...new Set([...before, ...text.split(',').map((name) => name.trim())])].filter(
    (name) => name !== '',
  )
}

/**
 * The agents there are, on the nodes that are meant.
 *
 * @throws {KubectlError} if they cannot be listed, or are in several namespaces
 */
export async function findAgents(
  kubectl: Kubectl,
  selection: AgentSelection,
  signal: AbortSignal,
): Promise<Agent[]> {
  const agents = agentsIn(await listPods(kubectl, selection, signal))
  const namespaces = [...new Set(agents.map(({ namespace }) => namespace))]
  if (namespaces.length > 1)
    throw new KubectlError(`There are agents in several namespaces: ${namespaces.join(', ')}`, {
      hint: 'Name one with --agents-namespace: else each event would be told twice.',
    })
  const { node } = selection
  return node === undefined ? agents : agents.filter((agent) => node.includes(agent.node))
}

/** What there is to say where there is none. */
export function noAgents({ agentsNamespace, agentsSelector = SELECTOR, node }: AgentSelection): KubectlError {
  const where = agentsNamespace === undefined ? '' : ` in the namespace ${agentsNamespace}`
  const nodes = node === undefined ? '' : ` on ${node.join(', ')}`
  return new KubectlError(`There is no agent${nodes}${where}: no pod has the labels ${agentsSelector}`, {
    hint: 'kubectl hivetap install puts one on every node.',
  })
}

async function listPods(
  kubectl: Kubectl,
  { agentsNamespace, agentsSelector = SELECTOR }: AgentSelection,
  signal: AbortSignal,
): Promise<string> {
  const list = (where: readonly string[]) =>
    kubectl.run(['get', 'pods', ...where, `--selector=${agentsSelector}`, '--output=json'], { signal })
  let ran = await list(
    agentsNamespace === undefined ? ['--all-namespaces'] : [`--namespace=${agentsNamespace}`],
  )
  // Who may not look at all namespaces may look at the usual one.
  if (agentsNamespace === undefined && ran.status !== 0 && isForbidden(ran.stderr))
    ran = await list([`--namespace=${NAMESPACE}`])
  if (ran.status !== 0) throw kubectlError('list the agents', ran.stderr)
  return ran.stdout
}
