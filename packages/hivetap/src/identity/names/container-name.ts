import type { ContainerRuntime } from '../cgroup-owner.js'

/** A container, as the name of its cgroup tells of it. */
export interface NamedContainer {
  readonly containerId: string
  readonly runtime?: ContainerRuntime
  /** The slice that the name itself tells: `kubepods-pod….slice:cri-containerd:<id>`. */
  readonly slice?: string
}

/** What runtimes write before the id. */
const PREFIXES: ReadonlyMap<string, ContainerRuntime> = new Map([
  ['cri-containerd', 'containerd'],
  ['nerdctl', 'containerd'],
  ['crio', 'cri-o'],
  ['docker', 'docker'],
  ['libpod', 'podman'],
  // Of a container that shares the cgroup of a service: podman run --cgroups=split, Quadlet.
  ['libpod-payload', 'podman'],
  ['podman', 'podman'],
])
/** Directories that a runtime puts containers into, named by nothing but their id. */
const PARENTS: ReadonlyMap<string, ContainerRuntime> = new Map([
  ['docker', 'docker'],
  ['libpod_parent', 'podman'],
  // Namespaces of containerd, for containers that are asked for without a cgroup.
  ['k8s.io', 'containerd'],
])

const ID_LENGTH = 64
const ID = /^[0-9a-f]{64}$/
const SCOPE = '.scope'
/** What else may stand before an id in a scope: a runtime that is not known here. */
const OTHER_PREFIX = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
/** `crio-conmon-<id>.scope`: what watches over the container, outside of it. */
const WATCHER = /(?:^|-)conmon$/

/**
 * Whether a cgroup is a container's, by its name: `<id>`, `<runtime>-<id>`, `<runtime>-<id>.scope`, or
 * `<slice>:<runtime>:<id>`, which is written for systemd's driver and made a directory as it is where the runtime uses the
 * other one.
 *
 * @param parent the name of the cgroup that it is in, if that is known
 */
export function containerOfName(name: string, parent?: string): NamedContainer | undefined {
  const scope = name.endsWith(SCOPE)
  const stem = scope ? name.slice(0, -SCOPE.length) : name
  const containerId = stem.slice(-ID_LENGTH)
  if (!ID.test(containerId)) return undefined
  const before = stem.slice(0, -ID_LENGTH)
  if (before === '') return named(containerId, parent === undefined ? undefined : PARENTS.get(parent))
  const prefix = before.slice(0, -1)
  if (before.endsWith('-')) return prefixed(containerId, prefix, scope)
  if (scope || !before.endsWith(':')) return undefined
  const colon = prefix.lastIndexOf(':')
  const slice = prefix.slice(0, Math.max(0, colon))
  if (colon < 0 || (slice !== '' && !slice.endsWith('.slice'))) return undefined
  const found = prefixed(containerId, prefix.slice(colon + 1), true)
  return found === undefined || slice === '' ? found : { ...found, slice }
}

/** @param unknown whether the runtime may be one that is not known here */
function prefixed(containerId: string, prefix: string, unknown: boolean): NamedContainer | undefined {
  const runtime = PREFIXES.get(prefix)
  if (runtime === undefined && (!unknown || WATCHER.test(prefix) || !OTHER_PREFIX.test(prefix)))
    return undefined
  return named(containerId, runtime)
}

function named(containerId: string, runtime: ContainerRuntime | undefined): NamedContainer {
  return runtime === undefined ? { containerId } : { containerId, runtime }
}
