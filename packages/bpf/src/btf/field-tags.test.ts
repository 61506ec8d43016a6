import { describe, expect, it } from 'vitest'
import { fixtureObject } from '../../../../test/support/fixtures.js'
import { addStruct, member } from '../../../../test/support/types.js'
import { Btf } from './btf.js'
import { BtfBuilder } from './btf-builder.js'
import { FieldTagIndex } from './field-tags.js'

describe('FieldTagIndex', () => {
  it('reads the macros of include/hivetap/event.h from an object', () => {
    const btf = fixtureObject('records').btf ?? new Btf(new Uint8Array())
    const sample = btf.find('struct', 'sample')
    const tags = new FieldTagIndex(btf)
    const of = (name: string) =>
      tags.of(
        sample?.id ?? 0,
        sample?.type.members.findIndex((candidate) => candidate.name === name),
      )
    expect(of('count')).toEqual({
      doc: 'A count that is never too large',
      asNumber: true,
      ipFamily: undefined,
      optional: false,
      parts: undefined,
      partDocs: [],
    })
    expect(of('balance').doc).toBe('It may be negative: "less than nothing", it\'s said */ here')
    expect(of('word')).toMatchObject({ doc: undefined, asNumber: false, ipFamily: undefined, optional: true })
    const command = btf.find('struct', 'command')
    expect(tags.of(command?.id ?? 0, (command?.type.members.length ?? 0) - 1)).toEqual({
      doc: undefined,
      asNumber: false,
      ipFamily: undefined,
      optional: false,
      parts: 'path:path_size args:args_size:texts last_cwd:cwd_size?',
      partDocs: ['path: What it is: "a file", it\'s said */ here', 'args: What it was told'],
    })
    expect(of('address').ipFamily).toBe('family')
    expect(of('byte')).toMatchObject({
      doc: undefined,
      asNumber: false,
      ipFamily: undefined,
      optional: false,
    })
  })

  it('tells tags of a type from those of its first member, and keeps any number of them', () => {
    const builder = new BtfBuilder()
    const struct = addStruct(builder, 's', 4, [member('m', 0)])
    builder.add({ kind: 'decl_tag', name: 'doc:of the struct', type: struct, component: -1 })
    for (let count = 0; count < 1000; count++)
      builder.add({ kind: 'decl_tag', name: `something else ${count}`, type: struct, component: 0 })
    builder.add({ kind: 'decl_tag', name: 'doc:of the member', type: struct, component: 0 })
    const tags = new FieldTagIndex(builder.build())
    expect(tags.of(struct).doc).toBe('of the struct')
    expect(tags.of(struct, 0).doc).toBe('of the member')
    expect(tags.of(struct, 1).doc).toBeUndefined()
  })
})
