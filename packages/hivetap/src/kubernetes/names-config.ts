import { hostname } from 'node:os'
import type { PodSelectorOptions } from './model/select/pod-selector.js'

/** Whether pods are named: `auto` where this is a pod itself, or a kubeconfig is given. */
export const KUBERNETES_MODES = ['auto', 'on', 'off'] as const
export type KubernetesMode = (typeof KUBERNETES_MODES)[number]

/** Where names come from. */
export interface NamesConfig {
  readonly kubernetes: KubernetesMode
  readonly kubeconfig?: string
  readonly context?: string
  /** This node, as Kubernetes calls it. */
  readonly node: string
  /** Labels of pods that events carry. */
  readonly labels: readonly string[]
  /** Only these pods; all, and what is in none, without. */
  readonly only?: PodSelectorOptions
}

/** What may be asked of pods, with nothing where nothing is. */
type PodWish = { readonly [K in keyof PodSelectorOptions]: PodSelectorOptions[K] | undefined }

/** What is asked of pods; `undefined` where nothing is. A list without names asks for nothing. */
export function podWish(wish: PodWish): PodSelectorOptions | undefined {
  const asked = Object.entries(wish).filter(
    ([, part]) => part !== undefined && !(Array.isArray(part) && part.length === 0),
  )
  return asked.length === 0 ? undefined : (Object.fromEntries(asked) as PodSelectorOptions)
}

/**
 * What this host is called in events: as Kubernetes does, where that is known.
 *
 * @param given what a person calls it
 */
export function nodeNameOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return given ?? (env['NODE_NAME'] || hostname())
}
