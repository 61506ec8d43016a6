import * as bpf from '@hivetap/bpf'
import {
  BpfError,
  ClosedError,
  ExistsError,
  InvalidSpecError,
  MalformedBtfError,
  MalformedElfError,
  MalformedFormatError,
  MalformedProgramError,
  MemlockError,
  NotFoundError,
  NotPermittedError,
  PlatformError,
  SystemCallError,
  UnresolvedRelocationError,
  UnsupportedError,
  VerifierError,
} from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import { NoRungError } from '../probes/open-tool.js'
import { OutputError } from '../sinks/output.js'
import { describeError } from './report-error.js'

const EINVAL = { number: 22, name: 'EINVAL' }
const LOG = '0: (b7) r0 = 0\n1: (95) exit\nR1 invalid mem access\nprocessed 2 insns\n'

/** Every class of error that is thrown on purpose, but those that are told in their own ways. */
const EXPECTED: readonly Error[] = [
  new MalformedElfError('it is wrong'),
  new MalformedBtfError('it is wrong'),
  new MalformedProgramError('it is wrong'),
  new MalformedFormatError('it is wrong'),
  new InvalidSpecError('it is wrong'),
  new UnresolvedRelocationError('it is wrong'),
  new SystemCallError('it is wrong', EINVAL),
  new NotPermittedError('it is wrong', EINVAL),
  new MemlockError('it is wrong', EINVAL),
  new UnsupportedError('it is wrong'),
  new NotFoundError('it is wrong'),
  new ExistsError('it is wrong'),
  new ClosedError('it is wrong'),
  new PlatformError('it is wrong'),
  new OutputError('it is wrong'),
]

const refusal = (error: BpfError) => ({ rung: 'tp_btf', buffer: 'ringbuf', error }) as const

describe('the classes of errors', () => {
  it('are all told in these tests', () => {
    const told = new Set([...EXPECTED.map((error) => error.constructor.name), VerifierError.name])
    const classes = Object.entries(bpf).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof BpfError,
    )
    expect(classes.map(([name]) => name).filter((name) => !told.has(name))).toEqual([])
    expect(classes.length).toBeGreaterThan(10)
  })
})

describe.each(EXPECTED.map((error) => ({ name: error.constructor.name, error })))('$name', ({ error }) => {
  it('is told in a sentence', () => {
    expect(describeError(error, false)).toBe('hivetap: it is wrong.\n')
  })

  it('has no stack, also with -v', () => {
    expect(describeError(error, true)).toBe('hivetap: it is wrong.\n')
  })
})

describe('an error', () => {
  it('is followed by what to do about it', () => {
    expect(describeError(new UnsupportedError('It cannot', { hint: 'Try another.' }), false)).toBe(
      'hivetap: It cannot. Try another.\n',
    )
  })

  it.each(['It cannot.', 'It cannot!', 'Cannot it?'])(
    'that is a sentence already gets no other end: %s',
    (text) => {
      expect(describeError(new UnsupportedError(text), false)).toBe(`hivetap: ${text}\n`)
    },
  )

  it('is followed by its cause with -v', () => {
    const cause = new Error('ENOENT: no such file')
    expect(describeError(new NotFoundError('Cannot read it', { cause }), true)).toBe(
      'hivetap: Cannot read it.\n    because of: Error: ENOENT: no such file\n',
    )
    expect(describeError(new OutputError('Cannot write', { cause }), true)).toBe(
      'hivetap: Cannot write.\n    because of: Error: ENOENT: no such file\n',
    )
  })
})

describe('VerifierError', () => {
  const error = new VerifierError('state_tp_btf', LOG, EINVAL)

  it('is told by its last words, and that there are more', () => {
    expect(describeError(error, false)).toBe(
      'hivetap: Cannot load program state_tp_btf: the verifier says: R1 invalid mem access (EINVAL; 4 lines of log).\n' +
        'hivetap: -v says more.\n',
    )
  })

  it('has its whole log with -v', () => {
    expect(describeError(error, true).split('\n').slice(1)).toEqual([
      '    0: (b7) r0 = 0',
      '    1: (95) exit',
      '    R1 invalid mem access',
      '    processed 2 insns',
      '',
    ])
  })
})

describe('NoRungError', () => {
  const one = new UnsupportedError('there is no BTF', { needs: 'kernel_btf', hint: 'Build one.' })
  const other = new NotFoundError('there is no tracepoint', { cause: new Error('ENOENT') })

  it('that has one reason says it, and no more', () => {
    expect(describeError(new NoRungError('tcpconnlat', [refusal(one), refusal(one)]), false)).toBe(
      'hivetap: there is no BTF. Build one.\n',
    )
  })

  it('that has several says them, and that there is more', () => {
    expect(describeError(new NoRungError('tcpconnlat', [refusal(one), refusal(other)]), false)).toBe(
      'hivetap: tcpconnlat cannot run here: tp_btf: there is no BTF; tp_btf: there is no tracepoint. ' +
        'hivetap doctor says what each step needs.\nhivetap: -v says more.\n',
    )
  })

  it('has each step with -v, with what led to it', () => {
    const verifier = new VerifierError('state_raw_tp', LOG, EINVAL)
    const error = new NoRungError('tcpconnlat', [refusal(one), refusal(other), refusal(verifier)])
    expect(describeError(error, true).split('\n').slice(1, 6)).toEqual([
      '  tp_btf, ringbuf: there is no BTF',
      '  tp_btf, ringbuf: there is no tracepoint',
      '    because of: Error: ENOENT',
      `  tp_btf, ringbuf: ${verifier.message}`,
      '    0: (b7) r0 = 0',
    ])
  })
})

describe('what was not thrown on purpose', () => {
  it('is told in a sentence, its stack with -v only', () => {
    const error = new TypeError('x is not a function')
    expect(describeError(error, false)).toBe('hivetap: x is not a function.\nhivetap: -v says more.\n')
    expect(describeError(error, true)).toBe(`hivetap: x is not a function.\n${error.stack}\n`)
  })

  it.each([
    ['a text', 'gone wrong', 'hivetap: gone wrong.\n'],
    ['nothing', undefined, 'hivetap: undefined.\n'],
    ['a number', 7, 'hivetap: 7.\n'],
  ])('may be no Error at all: %s', (_, thrown, said) => {
    expect(describeError(thrown, true)).toBe(said)
  })
})
