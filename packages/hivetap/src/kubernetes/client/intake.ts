import { parseJsonObject } from '../../stream/json-object.js'
import { type KubeObject, readObject } from './object-meta.js'

/** etcd takes no object above 1.5 MiB, packed; as JSON it may be twice as large. */
export const MOST_OBJECT_BYTES = 4 << 20

/** Objects that were not taken. */
export interface Untaken {
  /** What is no object of the kind that was asked for. */
  malformed: number
  tooLarge: number
}

/** An object's JSON as an object of this kind. */
export function parseObject(json: Buffer, kind: string): KubeObject | undefined {
  return readObject(parseJsonObject(json), kind)
}
