import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ElfEdit } from '../../../../test/support/elf-edit.js'
import { fixture, fixtureText } from '../../../../test/support/fixtures.js'
import { main } from './main.js'

const fixturePath = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/${name}`, import.meta.url))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-bpf-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Runs the command; what it wrote, and its status. */
function run(...args: string[]) {
  const written = { out: '', err: '' }
  const catching = (to: 'out' | 'err') => (chunk: string | Uint8Array) => {
    written[to] += String(chunk)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(catching('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(catching('err')),
  ]
  try {
    return { status: main(args), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('hivetap-bpf', () => {
  it('says how it is called: asked for on the one, missed on the other', () => {
    for (const args of [['--help'], ['-h'], ['gen', '--help']])
      expect(run(...args)).toMatchObject({
        status: 0,
        err: '',
        out: expect.stringContaining('hivetap-bpf gen FILE'),
      })
    expect(run()).toMatchObject({ status: 2, out: expect.stringContaining('hivetap-bpf dump FILE') })
  })

  it.each([
    [['explode', 'x.bpf.o'], 'There is no command explode'],
    [['gen'], 'gen takes one object file'],
    [['dump', 'a.bpf.o', 'b.bpf.o'], 'dump takes one object file'],
    [['dump', '--colour', 'x.bpf.o'], "Unknown option '--colour'"],
    [['gen', 'x.bpf.o', '-o'], "Option '-o, --output <value>' argument missing"],
  ])('%j is a mistake in how it is called', (args, message) => {
    const result = run(...args)
    expect(result).toMatchObject({ status: 2, out: '' })
    expect(result.err).toContain(`hivetap-bpf: ${message}`)
    expect(result.err).toContain('hivetap-bpf --help says how it is called.')
  })

  it.each(['gen', 'dump'])('%s of what is no object says so', (command) => {
    const file = join(folder, 'x.bpf.o')
    expect(run(command, file)).toMatchObject({ status: 1, err: expect.stringContaining('ENOENT') })
    writeFileSync(file, 'something else')
    expect(run(command, file)).toEqual({
      status: 1,
      out: '',
      err: 'hivetap-bpf: Cannot read ELF object: 14 bytes are too few for a file header\n',
    })
  })
})

describe('hivetap-bpf gen', () => {
  it('writes TypeScript beside the object', () => {
    const file = join(folder, 'records.bpf.o')
    copyFileSync(fixturePath('records.bpf.o'), file)
    expect(run('gen', file)).toEqual({ status: 0, out: '', err: '' })
    expect(readFileSync(join(folder, 'records.bpf.ts'), 'utf8')).toBe(fixtureText('records.bpf.ts'))
  })

  it('writes it where it is told, or shows it', () => {
    const target = join(folder, 'elsewhere.ts')
    expect(run('gen', fixturePath('records.bpf.o'), '--output', target)).toMatchObject({ status: 0, out: '' })
    expect(readFileSync(target, 'utf8')).toBe(fixtureText('records.bpf.ts'))
    expect(run('gen', '-o', '-', fixturePath('records.bpf.o')).out).toBe(fixtureText('records.bpf.ts'))
  })

  it('says of an object without types what to do', () => {
    const elf = new ElfEdit(fixture('instructions-v2.bpf.o'))
    elf.view.setUint32(elf.header('.BTF'), 0, true)
    const file = join(folder, 'x.bpf.o')
    writeFileSync(file, elf.bytes)
    expect(run('gen', file)).toMatchObject({ status: 1, err: expect.stringContaining('compile it with -g') })
  })
})

describe('hivetap-bpf dump', () => {
  it('says what an object holds', () => {
    const { status, out } = run('dump', fixturePath('maps.bpf.o'))
    expect(status).toBe(0)
    // In the order of the object's types, which is the compiler's.
    const expected = [
      'license GPL',
      'map hash: hash, key 8, value 24 bytes, 10240 entries',
      'map array: array, key 4, value 8 bytes, 3 entries',
      'map programs: prog_array, key 4, value 4 bytes, 2 entries',
      'map perf_events: perf_event_array, key 0, value 24 bytes, 0 entries',
      'map percpu_hash: percpu_hash, key 4, value 24 bytes, 16 entries',
      'map percpu_array: percpu_array, key 4, value 24 bytes, 1 entries',
      'map lru_hash: lru_hash, key 8, value 24 bytes, 100 entries',
      'map lpm_trie: lpm_trie, key 8, value 1 bytes, 64 entries',
      'map queue: queue, key 0, value 4 bytes, 7 entries',
      'map ring: ringbuf, key 0, value 24 bytes, 4096 entries',
      'map unused: array, key 4, value 4 bytes, 1 entries',
      'program raw: raw_tp sys_enter',
      'program typed: tp_btf sched_process_exec',
      'program classic: tracepoint sched:sched_process_exit',
      'program asked_for: tracepoint sock:inet_sock_set_state',
      'program unknown: section kprobe/tcp_v4_connect',
      ...[...fixtureText('maps.objdump.txt').matchAll(/<(\w+)>:\n((?:.+\n)+)/g)].map(
        ([, name, code]) =>
          `function ${name}: ${code?.match(/^ +\d+:\t/gm)?.length} instructions, 0 relocations`,
      ),
    ]
    expect(out.trimEnd().split('\n').sort()).toEqual(expected.sort())
  })

  it('tells constants, and an object’s instructions if asked', () => {
    expect(run('dump', fixturePath('data.bpf.o')).out).toContain('constant unsigned64: 8 bytes\n')
    const { out } = run('dump', '--code', fixturePath('calls.bpf.o'))
    expect(out).toContain(
      'function outer: 3 instructions, 0 relocations\n    0: call inner\n    1: r0 += -1\n    2: exit\n',
    )
  })

  it('shows no control character that anyone put into a name', () => {
    const elf = new ElfEdit(fixture('maps.bpf.o'))
    const from = Buffer.from(elf.bytes)
    for (const [name, hostile] of [
      ['kprobe/tcp_v4_connect\0', 'kprobe/\u001b[2J\n_evil'],
      ['unknown\0', '\u001b[31m!!'],
    ] as const)
      for (let at = from.indexOf(name); at >= 0; at = from.indexOf(name, at + 1))
        elf.bytes.set(Buffer.from(hostile), at)
    const file = join(folder, 'x.bpf.o')
    writeFileSync(file, elf.bytes)
    const { status, out, err } = run('dump', '--code', file)
    expect([status, err]).toEqual([0, ''])
    expect(out).toContain('program \\u{1b}[31m!!: section kprobe/\\u{1b}[2J\\u{a}_evil')
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })
})
