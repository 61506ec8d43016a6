import { describe, expect, it } from 'vitest'
import { commandLine, filenameOf, interpreterOf, pathOf, quoted } from './command-line.js'
import type { ExecEvent, ExecKind } from './execsnoop.bpf.js'

/** AT_FDCWD, include/uapi/linux/fcntl.h. */
const NO_DIRECTORY = -100

type Exec = Pick<ExecEvent, 'args' | 'filename' | 'directoryFd' | 'kind' | 'returnValue'>

/** An exec that succeeded, unless told otherwise. */
function exec(filename: string, args: readonly string[], more: Partial<Exec> = {}): Exec {
  return { filename, args, directoryFd: NO_DIRECTORY, kind: 'program', returnValue: 0, ...more }
}

const script = (filename: string, args: readonly string[]) => exec(filename, args, { kind: 'script' })

describe('filenameOf', () => {
  it.each([
    { filename: '/bin/ls', directoryFd: NO_DIRECTORY, told: '/bin/ls' },
    { filename: './ls', directoryFd: NO_DIRECTORY, told: './ls' },
    { filename: '', directoryFd: NO_DIRECTORY, told: '' },
    // execveat(2): a path that begins at the root does not begin at the descriptor.
    { filename: '/bin/ls', directoryFd: 5, told: '/bin/ls' },
    // fs/exec.c names them so: do_execveat_common.
    { filename: '', directoryFd: 5, told: '/dev/fd/5' },
    { filename: 'ls', directoryFd: 0, told: '/dev/fd/0/ls' },
    { filename: 'ls', directoryFd: -1, told: '/dev/fd/-1/ls' },
  ])('$filename, from $directoryFd: $told', ({ filename, directoryFd, told }) => {
    expect(filenameOf({ filename, directoryFd })).toBe(told)
  })
})

describe('interpreterOf', () => {
  it.each<{ kind: ExecKind; args: string[]; told: string | undefined }>([
    { kind: 'script', args: ['/bin/sh', '-e', './run'], told: '/bin/sh' },
    { kind: 'program', args: ['/bin/sh', '-e', './run'], told: undefined },
    { kind: 'unknown', args: ['/bin/sh', '-e', './run'], told: undefined },
    { kind: 'script', args: [], told: undefined },
    { kind: 'script', args: [''], told: undefined },
  ])('of a $kind with $args: $told', ({ kind, args, told }) => {
    expect(interpreterOf({ kind, args })).toBe(told)
  })
})

describe('commandLine', () => {
  it.each([
    {
      what: 'a program, under whatever name it was given',
      event: exec('/usr/bin/ls', ['ls', '-l', '']),
      words: ['/usr/bin/ls', '-l', ''],
    },
    { what: 'a program without arguments', event: exec('/usr/bin/ls', []), words: ['/usr/bin/ls'] },
    { what: 'a script', event: script('./run', ['/bin/sh', './run', 'a', 'b']), words: ['./run', 'a', 'b'] },
    {
      what: 'a script whose interpreter has an argument',
      event: script('./run', ['/bin/sh', '-e', './run', 'a']),
      words: ['./run', 'a'],
    },
    {
      what: 'a script whose interpreter is a script',
      event: script('./inner', ['/bin/sh', '-e', './outer', './inner', 'a']),
      words: ['./inner', 'a'],
    },
    {
      what: 'a script that is given its own name',
      event: script('./run', ['/bin/sh', './run', './run']),
      words: ['./run', './run'],
    },
    {
      what: 'a script that is its own interpreter’s name',
      event: script('/bin/x', ['/bin/x', '/bin/x', 'a']),
      words: ['/bin/x', 'a'],
    },
    {
      what: 'a script by a descriptor',
      event: script('/dev/fd/3', ['/bin/sh', '/dev/fd/3', 'a']),
      words: ['/dev/fd/3', 'a'],
    },
    {
      what: 'a script whose arguments were cut before its name',
      event: script('./run', ['/bin/sh', '-long']),
      words: ['/bin/sh', '-long'],
    },
    {
      what: 'what is not known to be a program or a script: as the program sees it',
      event: exec('./run', ['/bin/sh', './run', 'a'], { kind: 'unknown' }),
      words: ['/bin/sh', './run', 'a'],
    },
    {
      what: 'what has no name of a file',
      event: exec('', ['ls', '-l']),
      words: ['ls', '-l'],
    },
    {
      what: 'one that failed',
      event: exec('./no', ['no', 'a'], { kind: 'unknown', returnValue: -2 }),
      words: ['./no', 'a'],
    },
    {
      what: 'one that failed, by a descriptor',
      event: exec('', ['no', 'a'], { kind: 'unknown', returnValue: -9, directoryFd: 77 }),
      words: ['/dev/fd/77', 'a'],
    },
    {
      what: 'one that failed and whose arguments could not be read',
      event: exec('./no', [], { kind: 'unknown', returnValue: -14 }),
      words: ['./no'],
    },
  ])('of $what', ({ event, words }) => {
    expect(commandLine(event)).toEqual(words)
  })
})

describe('quoted', () => {
  // As quoted_symbol of bcc's libbpf-tools/execsnoop.c has them: these three, and no other.
  it.each([
    [[], ''],
    [[''], '""'],
    [['ls', '-l', 'a b'], '"ls" "-l" "a b"'],
    [['"', '\t', '\n', '\\', "'", '\r'], '"\\"" "\\t" "\\n" "\\" "\'" "\r"'],
  ])('%j: %s', (words, text) => {
    expect(quoted(words)).toBe(text)
  })
})

describe('pathOf', () => {
  it.each([
    [[], '/'],
    [['home'], '/home'],
    [['c', 'b', 'a'], '/a/b/c'],
  ])('%j: %s', (directories, path) => {
    expect(pathOf(directories)).toBe(path)
  })
})
