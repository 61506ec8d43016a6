import { dirname, isAbsolute, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { readSmallFile } from '../../io/read-small-file.js'
import { KubeError } from './kube-error.js'
import {
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
  kubeconfigSchema,
} from './kubeconfig-schema.js'

/** With many clusters and their certificates it is some hundred kilobytes. */
const MOST_BYTES = 4 << 20

/** What a name stands for, and the file that says so. */
export interface Entry<T> {
  readonly value: T
  readonly file: string
}

/** One kubeconfig, or several as one: of a name that stands in several, the first holds, as with kubectl. */
export interface Kubeconfig {
  /** The files, as they were named. */
  readonly said: string
  readonly currentContext: string | undefined
  readonly clusters: ReadonlyMap<string, Entry<KubeconfigCluster>>
  readonly users: ReadonlyMap<string, Entry<KubeconfigUser>>
  readonly contexts: ReadonlyMap<string, Entry<KubeconfigContext>>
}

/**
 * Reads kubeconfigs.
 *
 * @param files of which those that are not there are passed over, as long as one is there
 * @throws {KubeError} `config_wrong`
 */
export async function readKubeconfig(files: readonly string[]): Promise<Kubeconfig> {
  const merged = {
    said: files.join(', '),
    currentContext: undefined as string | undefined,
    clusters: new Map<string, Entry<KubeconfigCluster>>(),
    users: new Map<string, Entry<KubeconfigUser>>(),
    contexts: new Map<string, Entry<KubeconfigContext>>(),
  }
  let found = 0
  for (const path of files) {
    const file = resolve(path)
    const read = await readOne(file)
    if (read === undefined) continue
    found++
    merged.currentContext ??= read['current-context'] || undefined
    const add = <T>(to: Map<string, Entry<T>>, name: string, value: T) => {
      if (!to.has(name)) to.set(name, { value, file })
    }
    for (const { name, cluster } of read.clusters) add(merged.clusters, name, cluster)
    for (const { name, user } of read.users) add(merged.users, name, user)
    for (const { name, context } of read.contexts) add(merged.contexts, name, context)
  }
  if (found === 0)
    throw wrong(
      `There is no kubeconfig at ${merged.said}: name one that is there, by --kubeconfig or KUBECONFIG.`,
    )
  return merged
}

/** A path that stands in a file is meant from the file's folder. */
export function besideFile(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}

/** The error of a kubeconfig that cannot be used. */
export function wrong(message: string, cause?: unknown): KubeError {
  return new KubeError('config_wrong', message, { cause })
}

async function readOne(file: string) {
  const source = await textOf(file)
  if (source === undefined) return undefined
  let value: unknown
  try {
    value = parse(source, { maxAliasCount: 100, logLevel: 'error', prettyErrors: false }) ?? {}
  } catch (error) {
    // The parser's own words may quote a line of the file, which may be a secret.
    throw wrong(
      `Cannot use the kubeconfig ${file}: it is not YAML.`,
      error instanceof RangeError ? undefined : error,
    )
  }
  const read = kubeconfigSchema.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw wrong(
    `Cannot use the kubeconfig ${file}: ${issue?.path.join('.') || 'all of it'}: ${issue?.message ?? 'not as it should be'}.`,
  )
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readSmallFile(file, MOST_BYTES)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw wrong(`Cannot read the kubeconfig ${file}: ${(error as Error).message}.`, error)
  }
}
