import { Kubectl } from '../cluster/kubectl.js'
import type { KubeconfigNames } from './candidates.js'

/** Whoever presses a key does not wait longer: milliseconds. */
const PATIENCE_MS = 1500

const NOTHING: KubeconfigNames = { contexts: [], clusters: [], users: [], namespaces: [] }

/**
 * The names in the kubeconfig, as kubectl finds and merges it. No cluster is asked: of namespaces it knows those that contexts name.
 *
 * @returns none where kubectl is not there, fails, or takes long: a completion says nothing of it
 */
export async function kubeconfigNames(kubeconfig: string | undefined): Promise<KubeconfigNames> {
  const kubectl = new Kubectl(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`])
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const { status, stdout } = await kubectl.run(['config', 'view', '--output=json'], { input: '', signal })
    return status === 0 ? namesIn(JSON.parse(stdout)) : NOTHING
  } catch {
    return NOTHING
  }
}

/** Of what `kubectl config view` prints; what is not as it should be has no names. */
export function namesIn(config: unknown): KubeconfigNames {
  const contexts = listIn(config, 'contexts')
  const namespaces = contexts.map((context) => textIn(valueIn(context, 'context'), 'namespace'))
  const names = (list: readonly unknown[]) => sorted(list.map((entry) => textIn(entry, 'name')))
  return {
    contexts: names(contexts),
    clusters: names(listIn(config, 'clusters')),
    users: names(listIn(config, 'users')),
    namespaces: sorted([...namespaces, 'default']),
  }
}

function valueIn(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, key) : undefined
}

function listIn(object: unknown, key: string): readonly unknown[] {
  const value = valueIn(object, key)
  return Array.isArray(value) ? value : []
}

function textIn(object: unknown, key: string): string | undefined {
  const value = valueIn(object, key)
  return typeof value === 'string' ? value : undefined
}

function sorted(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}
