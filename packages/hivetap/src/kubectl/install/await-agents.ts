import { setTimeout as sleep } from 'node:timers/promises'
import { tell } from '../../cli/standard-streams.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { KubectlError } from '../cluster/kubectl-error.js'
import type { Manifest } from './manifest.js'
import type { RefusedPods } from './refused-pods.js'
import { isComplete, type Rollout, readRollout } from './rollout.js'

const EVERY_MS = 1000
/** How long a DaemonSet has to make its pods before its events are asked why it does not. */
const MAKING_MS = 1500

/**
 * Waits until every node has its agent, and says in a line what becomes of each.
 *
 * @throws {KubectlError} if pods are refused, or it takes longer than `mostMs`
 */
export async function awaitAgents(
  kubectl: Kubectl,
  manifest: Manifest,
  refused: RefusedPods,
  mostMs: number,
  signal: AbortSignal,
): Promise<void> {
  const begin = performance.now()
  const said = new Map<string, string>()
  for (;;) {
    const rollout = await readRollout(kubectl, manifest, signal)
    const tookMs = performance.now() - begin
    for (const line of news(rollout, said, tookMs)) await tell(`hivetap: ${line}\n`)
    if (isComplete(rollout)) return
    if (tookMs > MAKING_MS && rollout.made < rollout.wanted) await throwRefusal(refused, signal)
    if (tookMs > mostMs)
      throw new KubectlError(
        `Not every node has its agent after ${Math.round(tookMs / 1000)} s: ${missing(rollout)}`,
      )
    await sleep(EVERY_MS, undefined, { signal })
  }
}

/** Looks a moment whether pods are made at all. @throws {KubectlError} if they are refused */
export async function checkMade(
  kubectl: Kubectl,
  manifest: Manifest,
  refused: RefusedPods,
  signal: AbortSignal,
): Promise<void> {
  const begin = performance.now()
  for (let tookMs = 0; tookMs < 5 * MAKING_MS; tookMs = performance.now() - begin) {
    const { observed, made, wanted } = await readRollout(kubectl, manifest, signal)
    if (observed && made >= wanted) return
    if (tookMs > MAKING_MS) await throwRefusal(refused, signal)
    await sleep(EVERY_MS / 2, undefined, { signal })
  }
}

async function throwRefusal(refused: RefusedPods, signal: AbortSignal): Promise<void> {
  const error = await refused.since(signal)
  if (error !== undefined) throw error
}

/** A line for each node of which there is something new to say. */
function news({ agents, ready, wanted }: Rollout, said: Map<string, string>, tookMs: number): string[] {
  return agents.flatMap(({ node, pod, ready: isReady, running, reason }) => {
    const text = isReady ? 'ready' : running ? 'started' : (reason ?? 'waiting')
    if (said.get(pod) === text) return []
    said.set(pod, text)
    return [
      `${node}: ${text}${isReady ? ` after ${Math.round(tookMs / 1000)} s, ${ready} of ${wanted} nodes` : ''}`,
    ]
  })
}

function missing({ agents, wanted, made }: Rollout): string {
  const late = agents
    .filter(({ ready }) => !ready)
    .map(({ node, reason }) => `${node}${reason === undefined ? '' : ` (${reason})`}`)
  const unmade = wanted - made
  return [
    ...late,
    ...(unmade > 0 ? [`${unmade} without a pod`] : []),
    ...(wanted === 0 ? ['no node is to have one'] : []),
  ].join(', ')
}
