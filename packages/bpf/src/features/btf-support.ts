import { BtfBuilder } from '../btf/btf-builder.js'
import type { BtfSupport } from '../btf/lower-btf.js'
import { tryLoadBtf } from '../sys/btf.js'
import { ERRNO } from '../sys/errno.js'
import { libc } from '../sys/libc.js'
import { askOnce, type Feature, has, YES } from './feature.js'

/** What of BTF this kernel takes: each kind asked for by loading the smallest BTF that has it. */
export function probeBtfSupport(): BtfSupport {
  return {
    functions: has(probeBtf('functions', 'Linux 5.0', (btf) => addFunction(btf, 'static'))),
    variables: has(
      probeBtf('variables', 'Linux 5.2', (btf) => {
        const variable = btf.add({ kind: 'var', name: 'v', type: addInt(btf), linkage: 'static' })
        btf.add({
          kind: 'datasec',
          name: '.data',
          size: 4,
          variables: [{ type: variable, offset: 0, size: 4 }],
        })
      }),
    ),
    globalFunctions: has(probeBtf('global functions', 'Linux 5.6', (btf) => addFunction(btf, 'global'))),
    float: has(probeBtf('float', 'Linux 5.13', (btf) => btf.add({ kind: 'float', name: 'f', size: 4 }))),
    declTag: has(
      probeBtf('decl_tag', 'Linux 5.16', (btf) => {
        const type = btf.add({
          kind: 'struct',
          name: 's',
          size: 4,
          members: [{ name: 'm', type: addInt(btf), bitOffset: 0, bitfieldSize: 0 }],
        })
        btf.add({ kind: 'decl_tag', name: 'tag', type, component: -1 })
      }),
    ),
    typeTag: has(
      probeBtf('type_tag', 'Linux 5.17', (btf) => {
        btf.add({ kind: 'ptr', type: btf.add({ kind: 'type_tag', name: 'tag', type: addInt(btf) }) })
      }),
    ),
    enum64: has(
      probeBtf('enum64', 'Linux 6.0', (btf) =>
        btf.add({
          kind: 'enum64',
          name: 'e',
          size: 8,
          signed: false,
          enumerators: [{ name: 'A', value: 1n << 40n }],
        }),
      ),
    ),
  }
}

function probeBtf(name: string, takes: string, build: (btf: BtfBuilder) => unknown): Feature {
  return askOnce(`btf ${name}`, () => {
    const builder = new BtfBuilder()
    build(builder)
    const result = tryLoadBtf(builder.bytes())
    if (result >= 0) {
      libc().close(result)
      return YES
    }
    if (result === -ERRNO.EPERM) return { state: 'unknown', why: 'loading BTF is not permitted' }
    return { state: 'no', takes }
  })
}

/** The smallest type there is, which every other needs. */
export function addInt(btf: BtfBuilder): number {
  return btf.add({
    kind: 'int',
    name: 'int',
    size: 4,
    bits: 32,
    bitOffset: 0,
    signed: true,
    char: false,
    bool: false,
  })
}

function addFunction(btf: BtfBuilder, linkage: 'static' | 'global'): void {
  const prototype = btf.add({ kind: 'func_proto', returns: addInt(btf), parameters: [] })
  btf.add({ kind: 'func', name: 'f', type: prototype, linkage })
}
