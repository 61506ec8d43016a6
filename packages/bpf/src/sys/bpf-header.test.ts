import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bpf_func_id, bpf_map_type } from './abi.generated.js'
import { ERRNO } from './errno.js'

const HEADER = readFileSync(new URL('../../include/hivetap/bpf.h', import.meta.url), 'utf8')

/** What a pattern finds in the header, by its first group: the number in its second. */
const numbers = (pattern: RegExp) =>
  Object.fromEntries([...HEADER.matchAll(pattern)].map(([, name = '', number]) => [name, Number(number)]))
/** What the kernel has under the same names. */
const known = (names: object, table: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.keys(names).map((name) => [name, table[name]]))

describe('include/hivetap/bpf.h', () => {
  it('calls helpers by the numbers of the kernel’s own types', () => {
    const helpers = numbers(/\(\*const bpf_(\w+)\)\(.*\) = helper\((\d+)\)/g)
    const table = Object.fromEntries(
      Object.entries(bpf_func_id).map(([name, number]) => [name.replace('BPF_FUNC_', ''), number]),
    )
    expect(helpers).toEqual(known(helpers, table))
    expect(Object.keys(helpers).length).toBeGreaterThan(20)
  })

  it('has kinds of map by theirs', () => {
    const kinds = numbers(/^#define (BPF_MAP_TYPE_\w+) (\d+)$/gm)
    expect(kinds).toEqual(known(kinds, bpf_map_type))
    expect(Object.keys(kinds).length).toBeGreaterThan(6)
  })

  it('has error numbers as they are', () => {
    const errors = numbers(/^#define (E[A-Z0-9]+) (\d+)$/gm)
    expect(errors).toEqual(known(errors, ERRNO))
    expect(Object.keys(errors).length).toBeGreaterThan(3)
  })
})
