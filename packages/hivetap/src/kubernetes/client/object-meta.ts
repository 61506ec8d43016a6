import { asJsonObject, type JsonObject } from '../../stream/json-object.js'
import { isResourceVersion } from './resource-version.js'

/** Which object it is. A name that is given anew has another UID. */
export interface ObjectKey {
  /** Empty for what is in none, such as a node. */
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** An object of the API, as far as it is known to be one: it says which it is. */
export interface KubeObject {
  readonly key: ObjectKey
  readonly resourceVersion: string
  readonly object: JsonObject
}

/** etcd takes no object above 1.5 MiB, packed; as JSON it may be twice as large. */
export const MOST_OBJECT_BYTES = 4 << 20

/** Longer ones the API does not take. */
const MOST_NAME = 253
const MOST_UID = 128

/**
 * An object of the API.
 *
 * @param kind that it is to be of; in a list it may be left out
 * @returns `undefined` if it is none, or of another kind
 */
export function readObject(object: JsonObject | undefined, kind: string): KubeObject | undefined {
  const said = object?.['kind']
  if (object === undefined || (said !== undefined && said !== kind)) return undefined
  const { namespace = '', name, uid, resourceVersion } = asJsonObject(object['metadata']) ?? {}
  if (!isText(namespace, 0, MOST_NAME) || !isText(name, 1, MOST_NAME) || !isText(uid, 1, MOST_UID))
    return undefined
  if (!isResourceVersion(resourceVersion)) return undefined
  return { key: { namespace, name, uid }, resourceVersion, object }
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most
}
