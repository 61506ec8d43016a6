import type { Kubectl } from '../cluster/kubectl.js'

/** What every namespace has, and what goes by itself. */
const ALWAYS =
  /^(?:configmap\/kube-root-ca\.crt|serviceaccount\/default|event(?:\.events\.k8s\.io)?\/.*|.*\.metrics\.k8s\.io\/.*)$/

/**
 * What is in a namespace, but for what every namespace has: `pod/web-0`.
 *
 * @returns `undefined` if this user may not look at all of it
 */
export async function contentsOf(
  kubectl: Kubectl,
  namespace: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const kinds = await kubectl.run(['api-resources', '--verbs=list', '--namespaced', '--output=name'], {
    signal,
  })
  if (kinds.status !== 0) return undefined
  const names = kinds.stdout.split('\n').filter((name) => name !== '')
  const list = ['get', names.join(','), `--namespace=${namespace}`, '--ignore-not-found', '--output=name']
  const { status, stdout } = await kubectl.run(list, { signal })
  if (status !== 0) return undefined
  return stdout.split('\n').filter((name) => name !== '' && !ALWAYS.test(name))
}
