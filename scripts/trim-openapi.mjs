// @ts-check
/**
 * Makes test/fixtures/kubernetes/openapi.json of Kubernetes' own description of its API: `node scripts/trim-openapi.mjs
 * FILE VERSION`, where FILE is api/openapi-spec/swagger.json of the Go module k8s.io/kubernetes. Kept are the kinds that
 * the chart makes, and what they are made of, without words; a field that the API does not know is refused.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.mjs'

const KINDS = [
  'io.k8s.api.apps.v1.DaemonSet',
  'io.k8s.api.core.v1.ConfigMap',
  'io.k8s.api.core.v1.Namespace',
  'io.k8s.api.core.v1.ServiceAccount',
  'io.k8s.api.networking.v1.NetworkPolicy',
  'io.k8s.api.rbac.v1.ClusterRole',
  'io.k8s.api.rbac.v1.ClusterRoleBinding',
]
const EITHER = [
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
]

const [path, version] = process.argv.slice(2)
if (path === undefined || version === undefined) {
  process.stderr.write('Usage: node scripts/trim-openapi.mjs SWAGGER.json VERSION\n')
  process.exit(2)
}
/** @type {{ definitions: Record<string, Record<string, unknown>> }} */
const { definitions } = JSON.parse(readFileSync(path, 'utf8'))
/** @type {Map<string, unknown>} */
const kept = new Map()
for (const kind of KINDS) keep(kind)
const fixture = {
  $comment: `Of Kubernetes ${version}, Apache-2.0: made by scripts/trim-openapi.mjs`,
  kinds: KINDS,
  definitions: Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1))),
}
const target = join(ROOT, 'test/fixtures/kubernetes/openapi.json')
writeFileSync(target, `${JSON.stringify(fixture)}\n`)
process.stdout.write(`${target}: ${kept.size} types\n`)

/** @param {string} name */
function keep(name) {
  if (kept.has(name)) return
  const definition = definitions[name]
  if (definition === undefined) throw new Error(`${path} has no ${name}`)
  if (EITHER.includes(name)) {
    kept.set(name, { type: ['string', 'number'] })
    return
  }
  const bare = withoutWords(definition)
  kept.set(name, bare['properties'] === undefined ? bare : { ...bare, additionalProperties: false })
  for (const [, next = ''] of JSON.stringify(bare).matchAll(/"#\/definitions\/([^"]+)"/g)) keep(next)
}

/**
 * @param {Record<string, unknown>} definition
 * @returns {Record<string, unknown>}
 */
function withoutWords(definition) {
  return JSON.parse(
    JSON.stringify(definition, (key, value) =>
      // A property may be called description: then it is no text.
      (key === 'description' && typeof value === 'string') || key.startsWith('x-kubernetes-')
        ? undefined
        : value,
    ),
  )
}
