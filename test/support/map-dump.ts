import { execFileSync } from 'node:child_process'
import { jsonOf } from './commands.js'

interface RawEntry {
  readonly key: readonly string[]
  readonly value?: readonly string[]
  readonly values?: readonly { readonly cpu: number; readonly value: readonly string[] }[]
}

const bytesOf = (texts: readonly string[]): string =>
  texts.map((text) => Number(text).toString(16).padStart(2, '0')).join('')

/** What bpftool(8) says is in a map: hexadecimal keys, and values, of each CPU where there are so many. */
export function dumpMap(id: number): Map<string, readonly string[]> {
  const entries = jsonOf<readonly RawEntry[]>('bpftool', '-j', 'map', 'dump', 'id', String(id))
  return new Map(
    entries.map(({ key, value, values }) => [
      bytesOf(key),
      values === undefined ? [bytesOf(value ?? [])] : values.map((each) => bytesOf(each.value)),
    ]),
  )
}

const pairs = (hex: string): string[] => hex.match(/../g) ?? []

/** Has bpftool put a value under a key, both hexadecimal. */
export function updateByBpftool(id: number, key: string, value: string): void {
  const args = [
    'map',
    'update',
    'id',
    String(id),
    'key',
    'hex',
    ...pairs(key),
    'value',
    'hex',
    ...pairs(value),
  ]
  execFileSync('bpftool', args)
}
