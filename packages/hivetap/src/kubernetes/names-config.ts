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
