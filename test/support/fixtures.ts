import { readFileSync } from 'node:fs'
import { readObject } from '../../packages/bpf/src/spec/read-object.js'

/** The bytes of a file in test/fixtures. */
export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url))
}

/** The text of a file in test/fixtures. */
export function fixtureText(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
}

/** A fixture's object: `fixtureObject('core')`. */
export function fixtureObject(name: string) {
  return readObject(fixture(`${name}.bpf.o`))
}
