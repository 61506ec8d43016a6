import { fullName, type Selection } from './resource.js'

/** What the API is asked for, as errors tell it. */
export interface Asked {
  /** As rules of RBAC have it. */
  readonly verb: 'list' | 'watch' | 'get'
  /** Without, a path that is of no resource. */
  readonly selection?: Selection | undefined
  readonly path: string
  /** `https://10.0.0.1:6443` */
  readonly server: string
}

/** `Cannot list pods (spec.nodeName=node-1) at https://10.0.0.1:6443`: how each error begins. */
export function cannot({ verb, selection, path, server }: Asked): string {
  if (selection === undefined) return `Cannot ${verb} ${path} at ${server}`
  const { resource, namespace, fieldSelector, labelSelector } = selection
  const within = namespace === undefined ? '' : ` in namespace ${namespace}`
  const selectors = [fieldSelector, labelSelector].filter((selector) => selector !== undefined)
  const those = selectors.length === 0 ? '' : ` (${selectors.join(', ')})`
  return `Cannot ${verb} ${fullName(resource)}${within}${those} at ${server}`
}

/** The rule of RBAC that allows it, and how it is given. */
export function missingRule({ verb, selection, path }: Asked): string {
  if (selection === undefined)
    return `the rule {nonResourceURLs: ["${path}"], verbs: ["get"]}, by a ClusterRole`
  const { group, plural } = selection.resource
  const role =
    selection.namespace === undefined ? 'a ClusterRole' : `a Role in namespace ${selection.namespace}`
  return `the rule {apiGroups: ["${group}"], resources: ["${plural}"], verbs: ["${verb}"]}, by ${role}`
}
