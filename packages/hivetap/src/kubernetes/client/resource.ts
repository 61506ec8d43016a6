/** A kind of objects that the API has. */
export interface Resource {
  /** API group; empty for the core's. */
  readonly group: string
  readonly version: string
  /** As paths and rules have it: `pods`. */
  readonly plural: string
  /** As objects have it: `Pod`. */
  readonly kind: string
}

export const PODS: Resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' }
export const SERVICES: Resource = { group: '', version: 'v1', plural: 'services', kind: 'Service' }
export const NODES: Resource = { group: '', version: 'v1', plural: 'nodes', kind: 'Node' }
export const ENDPOINT_SLICES: Resource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
}

/** Which objects of a kind. */
export interface Selection {
  readonly resource: Resource
  /** All namespaces without. */
  readonly namespace?: string | undefined
  /** `spec.nodeName=node-1` */
  readonly fieldSelector?: string | undefined
  /** `app=shop,tier!=cache` */
  readonly labelSelector?: string | undefined
}

/** The path of a selection's list. */
export function pathOf({ resource, namespace }: Selection): string {
  const { group, version, plural } = resource
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}

/** Its selectors, as the API's parameters. */
export function selectorsOf({ fieldSelector, labelSelector }: Selection): Record<string, string> {
  return {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  }
}

/** `endpointslices.discovery.k8s.io`, as `kubectl` writes it. */
export function fullName({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}
