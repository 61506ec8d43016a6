/** What a cluster, or kubectl, did not do. `hint`: what helps, in sentences. */
export class KubectlError extends Error {
  readonly hint: string | undefined

  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.hint = options.hint
  }
}

/** `pods is forbidden: User "x" cannot create resource "pods/exec" in API group "" in the namespace "y"` */
const FORBIDDEN =
  /cannot (?<verb>[\w*]+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/

/** Whether the cluster does not let this user do it. */
export function isForbidden(stderr: string): boolean {
  return FORBIDDEN.test(stderr)
}

/**
 * Why kubectl failed, from what it said.
 *
 * @param action what could not be done: `list the agents`
 */
export function kubectlError(action: string, stderr: string): KubectlError {
  const hint = missingRule(stderr)
  return new KubectlError(`Cannot ${action}: ${reasonOf(stderr)}`, hint === undefined ? {} : { hint })
}

/** The rule of RBAC that is missing, as it stands in a role. */
export function missingRule(stderr: string): string | undefined {
  const { verb, resource, group, namespace } = FORBIDDEN.exec(stderr)?.groups ?? {}
  if (resource === undefined) return undefined
  const where = namespace === undefined ? 'a ClusterRole' : `a Role in the namespace ${namespace}`
  return `It takes ${where} with this rule: {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}.`
}

/** What kubectl said last, without the words that it begins with. */
export function reasonOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    // klog's own lines tell how often it tried.
    .filter((line) => line !== '' && !/^[EWIF]\d{4} /.test(line))
  const said = lines.findLast((line) => /^(error|Error|Unable|The )/.test(line)) ?? lines.at(-1)
  return (
    said
      ?.replace(/^error: /i, '')
      .replace(/^Error from server(?: \((\w+)\))?: /, '')
      .replace(/\.$/, '') ?? 'kubectl does not say why'
  )
}
