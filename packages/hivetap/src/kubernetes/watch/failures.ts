import type { KubeErrorKind } from '../client/kube-error.js'

const RELIST: ReadonlySet<KubeErrorKind> = new Set(['expired', 'answer_wrong', 'too_large', 'refused'])
const UNPASSING: ReadonlySet<KubeErrorKind> = new Set([
  'config_wrong',
  'credentials_unusable',
  'unauthorized',
  'forbidden',
  'not_found',
  'redirected',
  'refused',
])

/** Whether a watch that failed so cannot go on from where it was. */
export function mustListAfter(kind: KubeErrorKind): boolean {
  return RELIST.has(kind)
}

/** Whether it may pass by itself; what does not, somebody must mend. */
export function isPassing(kind: KubeErrorKind): boolean {
  return !UNPASSING.has(kind)
}
