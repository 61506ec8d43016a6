import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixtureText } from '../../../../test/support/fixtures.js'
import { BpfError, MalformedFormatError } from '../errors.js'
import { parseTracepointFormat, tracepointFormatBtf } from './tracefs-format.js'

const read = (file: string) => parseTracepointFormat(fixtureText(`tracefs/${file}.txt`))
/** Where the fields of a record are that programs can read. */
const offsets = (file: string) =>
  Object.fromEntries(
    read(file)
      .fields.filter(({ name }) => !name.startsWith('common_'))
      .map(({ name, offset }) => [name, offset]),
  )

/** A format file with one field. */
const withField = (line: string, head = 'name: x\nID: 1\n') =>
  `${head}format:\n\tfield:int a;\toffset:0;\tsize:4;\n${line}\n`

describe('a tracepoint’s format', () => {
  it.each([
    [
      'inet_sock_set_state-4.19',
      ['skaddr', 8, 'oldstate', 16, 'newstate', 20, 'sport', 24, 'dport', 26, 'family', 28, 'protocol', 30],
      ['saddr', 31, 'daddr', 35, 'saddr_v6', 39, 'daddr_v6', 55],
    ],
    [
      'inet_sock_set_state-6.18',
      ['skaddr', 8, 'oldstate', 16, 'newstate', 20, 'sport', 24, 'dport', 26, 'family', 28, 'protocol', 30],
      ['saddr', 32, 'daddr', 36, 'saddr_v6', 40, 'daddr_v6', 56],
    ],
    [
      'tcp_retransmit_skb-4.19',
      ['skbaddr', 8, 'skaddr', 16, 'sport', 24, 'dport', 26],
      ['saddr', 28, 'daddr', 32, 'saddr_v6', 36, 'daddr_v6', 52],
    ],
    [
      'tcp_retransmit_skb-5.10',
      ['skbaddr', 8, 'skaddr', 16, 'state', 24, 'sport', 28, 'dport', 30],
      ['saddr', 32, 'daddr', 36, 'saddr_v6', 40, 'daddr_v6', 56],
    ],
    [
      'tcp_retransmit_skb-6.1',
      ['skbaddr', 8, 'skaddr', 16, 'state', 24, 'sport', 28, 'dport', 30, 'family', 32],
      ['saddr', 34, 'daddr', 38, 'saddr_v6', 42, 'daddr_v6', 58],
    ],
    [
      'tcp_retransmit_skb-6.18',
      ['skbaddr', 8, 'skaddr', 16, 'state', 24, 'sport', 28, 'dport', 30, 'family', 32],
      ['saddr', 34, 'daddr', 38, 'saddr_v6', 42, 'daddr_v6', 58, 'err', 76],
    ],
    ['sched_process_exec-6.18', ['__data_loc_filename', 8, 'pid', 12, 'old_pid', 16], []],
  ])('%s tells where each field is', (file, first, second) => {
    const pairs = [...first, ...second]
    const expected: Record<string, number> = {}
    for (let index = 0; index < pairs.length; index += 2)
      expected[String(pairs[index])] = Number(pairs[index + 1])
    expect(offsets(file)).toEqual(expected)
  })

  it('tells name, number and types', () => {
    const format = read('sched_process_exec-6.18')
    expect(format).toMatchObject({ name: 'sched_process_exec', id: 365 })
    expect(format.fields.slice(4)).toEqual([
      {
        name: '__data_loc_filename',
        type: '__data_loc char[]',
        offset: 8,
        size: 4,
        signed: false,
        array: false,
      },
      { name: 'pid', type: 'pid_t', offset: 12, size: 4, signed: true, array: false },
      { name: 'old_pid', type: 'pid_t', offset: 16, size: 4, signed: true, array: false },
    ])
  })

  it('takes no text of `print fmt` for a field, whatever quotes stand in it', () => {
    expect(Object.keys(offsets('sys_enter_execve-7.2'))).toEqual([
      '__syscall_nr',
      'filename',
      'argv',
      'envp',
      '__data_loc___filename_val',
    ])
  })

  it('knows the size of an array whose length is an expression', () => {
    const saddr = read('tcp_probe-5.10').fields.find(({ name }) => name === 'saddr')
    expect(saddr).toEqual({ name: 'saddr', type: '__u8', offset: 8, size: 28, signed: false, array: true })
  })

  it('may lack the sign, and what stands behind the fields', () => {
    const format = parseTracepointFormat(withField('\tfield:unsigned int b;\toffset:4;\tsize:4;'))
    expect(format.fields[1]).toMatchObject({ name: 'b', type: 'unsigned int', signed: false })
  })

  it('may say __rel_loc, as newer user events do', () => {
    const format = parseTracepointFormat(
      withField('\tfield:__rel_loc char[] name;\toffset:8;\tsize:4;\tsigned:0;'),
    )
    expect(format.fields[1]?.name).toBe('__rel_loc_name')
  })

  it.each<[string, string, string]>([
    ['nothing', '', 'it has no name'],
    ['no number', 'name: x\nformat:\n', 'tracepoint x: it has no ID'],
    ['an empty number', withField('', 'name: x\nID:\n'), 'it has no ID'],
    ['a number that is none', withField('', 'name: x\nID: 1e3\n'), 'it has no ID'],
    ['a name that is none', withField('', 'name: a b\nID: 1\n'), 'it has no name'],
    ['no fields', 'name: x\nID: 1\nformat:\n', 'it has no fields'],
    ['a field without a size', withField('\tfield:int b;\toffset:4;'), "a field's line is not understood"],
    ['a field with a negative offset', withField('\tfield:int b;\toffset:-4;\tsize:4;'), 'is not understood'],
    [
      'a field without a name',
      withField('\tfield:int;\toffset:4;\tsize:4;'),
      'declaration is not understood: int',
    ],
    [
      'a field beyond any record',
      withField('\tfield:int b;\toffset:65534;\tsize:4;'),
      'a field ends at 65538',
    ],
    [
      'a field so large that it is no number',
      withField(`\tfield:int b;\toffset:0;\tsize:${'9'.repeat(400)};`),
      'a field ends at Infinity',
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(() => parseTracepointFormat(text)).toThrow(MalformedFormatError)
    expect(() => parseTracepointFormat(text)).toThrow(message)
  })

  it('is read or refused, whatever is written into it', () => {
    const texts = ['tcp_probe-5.10', 'sys_enter_execve-7.2', 'sched_process_exec-6.18'].map((file) =>
      fixtureText(`tracefs/${file}.txt`),
    )
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '\n',
        ';',
        '[',
        ']',
        '\t',
        'field:',
        '99999',
        '-',
        '__data_loc ',
        '*',
        'signed:1;',
        '\0',
      ),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(fc.noBias(fc.nat(1200)), fc.nat(12), odd), { maxLength: 4 }),
        (text, edits) => {
          const edited = edits.reduce(
            (all, [at, cut, put]) => all.slice(0, at) + put + all.slice(at + cut),
            text,
          )
          try {
            const format = parseTracepointFormat(edited)
            expect(
              tracepointFormatBtf([format]).find('struct', `trace_event_raw_${format.name}`),
            ).toBeDefined()
          } catch (error) {
            if (!(error instanceof BpfError)) throw error
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('the BTF that is made of a format', () => {
  const btf = tracepointFormatBtf([read('inet_sock_set_state-4.19'), read('sys_enter_execve-7.2')])

  it('has a struct of the name that the kernel’s own has, as large as the record', () => {
    const state = btf.find('struct', 'trace_event_raw_inet_sock_set_state')
    expect(state?.type.size).toBe(55 + 16)
    expect(btf.find('struct', 'trace_event_raw_sys_enter_execve')?.type.size).toBe(44)
  })

  it('has each field at its place, with its size, sign and nature', () => {
    const members = ['inet_sock_set_state', 'sys_enter_execve'].flatMap((name) =>
      (btf.find('struct', `trace_event_raw_${name}`)?.type.members ?? []).map(
        ({ name: field, type, bitOffset }) => {
          const { type: resolved } = btf.resolve(type)
          const signed = resolved.kind === 'int' && resolved.signed
          return `${field}@${bitOffset / 8} ${signed ? 's' : ''}${resolved.kind} ${btf.sizeOf(type)}`
        },
      ),
    )
    expect(members).toContain('skaddr@8 ptr 8')
    expect(members).toContain('oldstate@16 sint 4')
    expect(members).toContain('sport@24 int 2')
    expect(members).toContain('protocol@30 int 1')
    expect(members).toContain('saddr@31 array 4')
    expect(members).toContain('argv@24 ptr 8')
    expect(members).toContain('__data_loc___filename_val@40 int 4')
  })

  it.each([
    ['unsigned long args[6]', 48, 'int 8'],
    ['long args[6]', 48, 'int 8'],
    ['pid_t pids[3]', 12, 'int 4'],
    ['u16 shorts[3]', 6, 'int 2'],
    ['char comm[16]', 16, 'int 1'],
    ['const void * stack[4]', 32, 'ptr 8'],
    ['u16 shorts[LENGTH]', 6, 'int 2'],
    ['struct thing things[LENGTH]', 24, 'int 1'],
    ['struct thing things[2]', 24, 'int 1'],
    ['u32 none[0]', 0, 'int 4'],
    // A length that does not go with the size says nothing.
    ['u32 odd[3]', 10, 'int 1'],
  ])('gives the elements of `%s`, %d bytes, as %s', (declaration, size, element) => {
    // An unknown element was once taken for a byte: a field of `long args[6]` was then read from the wrong place.
    const format = parseTracepointFormat(
      withField(`\tfield:${declaration};\toffset:8;\tsize:${size};\tsigned:0;`),
    )
    const made = tracepointFormatBtf([format])
    const member = made.find('struct', 'trace_event_raw_x')?.type.members[1]
    const { type } = made.resolve(member?.type ?? 0)
    const inner = type.kind === 'array' ? made.resolve(type.element) : made.resolve(0)
    expect(`${inner.type.kind} ${made.sizeOf(inner.id)}`).toBe(element)
    expect(made.sizeOf(member?.type ?? 0)).toBe(size)
  })
})
