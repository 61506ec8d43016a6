import type { ApiObject } from './collection.js'

/** Whether an object is of a selection: `spec.nodeName=a,metadata.namespace!=b`, `app=shop`. */
export function selects(params: URLSearchParams, object: ApiObject): boolean {
  return (
    all(params.get('fieldSelector'), (path) =>
      path
        .split('.')
        .reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], object),
    ) && all(params.get('labelSelector'), (label) => object.metadata.labels?.[label])
  )
}

function all(selector: string | null, read: (name: string) => unknown): boolean {
  return (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const { name = '', no, value } = /^(?<name>[^!=]+)(?<no>!)?==?(?<value>.*)$/.exec(term)?.groups ?? {}
      return ((read(name) ?? '') === value) !== (no === '!')
    })
}
