import { readFileSync } from 'node:fs'
import type { ObjectSpec } from '../../packages/bpf/src/spec/object-spec.js'
import { readObject } from '../../packages/bpf/src/spec/read-object.js'

/** An object of test/kernel-fixtures, read anew. */
export function readFixture(name: 'emit' | 'hooks' | 'ladder'): ObjectSpec {
  return readObject(readFileSync(new URL(`../kernel-fixtures/${name}.bpf.o`, import.meta.url)))
}
