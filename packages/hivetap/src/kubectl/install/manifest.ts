import { readFileSync } from 'node:fs'
import { KubectlError } from '../cluster/kubectl-error.js'

/** An object of Kubernetes, of which little is looked at. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec?: unknown
}

/** What is installed. */
export interface Manifest {
  /** In the order in which they are made. */
  readonly objects: readonly KubeObject[]
  readonly daemonSet: DaemonSet
  readonly namespace: string
}

/** The DaemonSet of the agents. */
export interface DaemonSet extends KubeObject {
  readonly spec: {
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly template: {
      readonly spec: {
        readonly containers: readonly PodContainer[]
        readonly initContainers?: readonly PodContainer[]
        readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[]
      }
    }
  }
}

interface PodContainer {
  readonly name: string
  readonly image: string
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[]
}

/** The manifest that comes with the package: deploy/hivetap.yaml, which the build puts beside the command. */
const OWN = new URL('./hivetap.yaml', import.meta.url)

/**
 * Reads a manifest.
 *
 * @param path of a file; without, that which comes with the package
 * @throws {KubectlError} if there is none, or no DaemonSet in it
 */
export async function readManifest(path?: string): Promise<Manifest> {
  const { parseAllDocuments } = await import('yaml')
  const name = path ?? 'the manifest of this package'
  const documents = parseAllDocuments(readText(path ?? OWN, name))
  const objects: KubeObject[] = []
  // Of an empty text there is no list of documents.
  for (const document of Array.isArray(documents) ? documents : []) {
    const [error] = document.errors
    if (error !== undefined) throw new KubectlError(`Cannot read ${name}: ${error.message.split('\n')[0]}`)
    const value = document.toJS() as KubeObject | null
    if (value !== null) objects.push(value)
  }
  const daemonSet = objects.find(({ kind }) => kind === 'DaemonSet') as DaemonSet | undefined
  const namespace = daemonSet?.metadata.namespace
  if (daemonSet === undefined || namespace === undefined)
    throw new KubectlError(`${name} has no DaemonSet with a namespace`)
  return { objects, daemonSet, namespace }
}

/** The manifest with another image in place of the agents’. */
export function withImage(manifest: Manifest, image: string): Manifest {
  const { daemonSet } = manifest
  const { template } = daemonSet.spec
  const agents = template.spec.containers[0]?.image
  const replaced = (container: PodContainer) =>
    container.image === agents ? { ...container, image } : container
  const { initContainers } = template.spec
  const spec = {
    ...template.spec,
    containers: template.spec.containers.map(replaced),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(replaced) }),
  }
  const changed = { ...daemonSet, spec: { ...daemonSet.spec, template: { ...template, spec } } }
  return {
    ...manifest,
    objects: manifest.objects.map((object) => (object === daemonSet ? changed : object)),
    daemonSet: changed,
  }
}

/** Objects as kubectl reads them from its input. */
export function listOf(objects: readonly KubeObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
}

/** The labels by which the DaemonSet finds its pods, as a selector. */
export function selectorOf({ daemonSet }: Manifest): string {
  return Object.entries(daemonSet.spec.selector.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}

/** Folders of nodes that the agents write to: they outlast them. */
export function writtenFolders({ daemonSet }: Manifest): string[] {
  const { containers, initContainers = [], volumes = [] } = daemonSet.spec.template.spec
  const mounts = [...containers, ...initContainers].flatMap(({ volumeMounts = [] }) => volumeMounts)
  return volumes.flatMap(({ name, hostPath }) =>
    hostPath !== undefined && mounts.some((mount) => mount.name === name && mount.readOnly !== true)
      ? [hostPath.path]
      : [],
  )
}

function readText(path: string | URL, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException
    throw new KubectlError(`Cannot read ${name}: ${code}`, { hint: 'Name another with --filename.', cause })
  }
}
