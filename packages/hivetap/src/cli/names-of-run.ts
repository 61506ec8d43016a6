import { type NamesConfig, nodeNameOf, podWish } from '../kubernetes/names-config.js'
import type { RunOptions } from './run-options.js'

/** What of a tool’s options decides whether names are shown: counts have none. */
export interface NamingOptions {
  readonly wide?: boolean
  readonly count?: boolean
}

/** Where the names come from that a run shows, or goes by; `undefined` where it shows none. */
export function namesOfRun(
  run: RunOptions,
  { wide, count }: NamingOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): NamesConfig | undefined {
  const { namespace, selector, pod, container, kubeconfig, context } = run
  const only = podWish({ namespaces: namespace, labels: selector, pods: pod, containers: container })
  const isNamed = count !== true && (run.output === 'json' || run.columns !== undefined || wide === true)
  if (!isNamed && only === undefined) return undefined
  return {
    // Pods that are asked for must be known.
    kubernetes: only === undefined ? 'auto' : 'on',
    node: nodeOfRun(run, env),
    labels: [],
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(only === undefined ? {} : { only }),
  }
}

/** What this host is called in events: as Kubernetes does, where that is known. */
export function nodeOfRun(
  { nodeName }: Pick<RunOptions, 'nodeName'>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return nodeNameOf(nodeName, env)
}
