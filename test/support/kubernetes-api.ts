import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../packages/hivetap/src/kubectl/install/manifest.js'

const OPENAPI = fileURLToPath(new URL('../fixtures/kubernetes/openapi.json', import.meta.url))

const openapi = JSON.parse(readFileSync(OPENAPI, 'utf8')) as { readonly kinds: readonly string[] }
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, inlineRefs: false }).addSchema(
  openapi,
  'openapi',
)

/** The objects of a file of manifests. */
export function manifests(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(String(document.errors[0]))
    const value = document.toJS() as KubeObject | null
    return value === null ? [] : [value]
  })
}

/** What is wrong with an object, by Kubernetes' own description of its API: unknown fields are too. */
export function wrongOf(manifest: KubeObject): string[] {
  const kind = openapi.kinds.find((name) => name.endsWith(`.${manifest.kind}`))
  if (kind === undefined) return [`the fixture has no ${manifest.kind}`]
  const validate = ajv.getSchema(`openapi#/definitions/${kind}`)
  if (validate === undefined) throw new Error(`The fixture has no ${kind}`)
  validate(manifest)
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${manifest.kind} ${manifest.metadata.name} ${instancePath}: ${message} ${JSON.stringify(params)}`,
  )
}
