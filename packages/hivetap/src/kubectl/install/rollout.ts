import { type Agent, agentsIn } from '../agents/agent.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { type Manifest, selectorOf } from './manifest.js'

/** How far the DaemonSet has come. */
export interface Rollout {
  /** Whether what was asked for last has been seen. */
  readonly observed: boolean
  /** Nodes that are to have an agent, those that have one, of those that of this version, and ready ones. */
  readonly wanted: number
  readonly made: number
  readonly updated: number
  readonly ready: number
  readonly agents: readonly Agent[]
}

/** @throws {KubectlError} if it cannot be asked */
export async function readRollout(
  kubectl: Kubectl,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Rollout> {
  const { namespace, daemonSet } = manifest
  const place = [`--namespace=${namespace}`, '--output=json']
  const [set, pods] = await Promise.all([
    kubectl.ask('ask how the DaemonSet does', ['get', 'daemonset', daemonSet.metadata.name, ...place], {
      signal,
    }),
    kubectl.ask('list the agents', ['get', 'pods', `--selector=${selectorOf(manifest)}`, ...place], {
      signal,
    }),
  ])
  const { metadata, status = {} } = JSON.parse(set) as {
    readonly metadata: { readonly generation?: number }
    readonly status?: Readonly<Record<string, number>>
  }
  return {
    observed: (status['observedGeneration'] ?? 0) >= (metadata.generation ?? 0),
    wanted: status['desiredNumberScheduled'] ?? 0,
    made: status['currentNumberScheduled'] ?? 0,
    updated: status['updatedNumberScheduled'] ?? 0,
    ready: status['numberReady'] ?? 0,
    agents: agentsIn(pods),
  }
}

/** Whether every node that is to have an agent has one of this version that is ready. */
export function isComplete({ observed, wanted, updated, ready }: Rollout): boolean {
  return observed && wanted > 0 && updated >= wanted && ready >= wanted
}
