import { afterEach, expect, it } from 'vitest'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import {
  add,
  addRegister,
  call,
  copy,
  encode,
  exit,
  ifEqual,
  ifLess,
  load64,
  lookUpZero,
  set,
} from '../../../../test/support/code.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { btfId, programBtfId } from '../../../../test/support/kernel-info.js'
import { restrictKernel } from '../../../../test/support/older-kernel.js'
import { kernelObjects } from '../../../../test/support/programs-in-kernel.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import { NotPermittedError, SystemCallError, UnsupportedError } from '../errors.js'
import { addInt } from '../features/btf-support.js'
import { createMap } from '../map/create-map.js'
import { bpf_attr_prog_load } from '../sys/abi.generated.js'
import { type BpfCall, type BpfCommand, interposeBpf } from '../sys/bpf.js'
import { tryLoadBtf } from '../sys/btf.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import type { Memory } from '../sys/memory.js'
import type { ProgramImage } from '../sys/program.js'
import { loadProgram } from './load-program.js'
import { VerifierError } from './verifier-error.js'

const EAGAIN = 11
const EINTR = 4
/** Makes the kernel cut a log at its end, as Linux before 6.4 always does: BPF_LOG_FIXED. */
const LOG_FIXED = 8

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function load(code: Uint8Array, image: Partial<ProgramImage> = {}): FileDescriptor {
  const fd = new FileDescriptor(
    loadProgram({ name: 'tested', type: 'BPF_PROG_TYPE_RAW_TRACEPOINT', license: 'GPL', code, ...image }),
    'program',
  )
  opened.push(fd)
  return fd
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function refused(code: Uint8Array, image: Partial<ProgramImage> = {}): VerifierError {
  const error = thrownBy(() => load(code, image))
  if (error instanceof VerifierError) return error
  throw error
}

function interpose(before: (real: BpfCall, command: BpfCommand, attributes: Memory) => number): void {
  opened.push({ close: interposeBpf(before) })
}

function map(kind: 'hash' | 'array', valueSize: number): number {
  const fd = new FileDescriptor(
    createMap({ name: 'values', kind, keySize: 4, valueSize, maxEntries: 1, flags: 0 }),
    'map',
  )
  opened.push(fd)
  return fd.number
}

const logSize = ({ view }: Memory) => view.getUint32(bpf_attr_prog_load.fields.log_size.offset, true)
const logLevel = ({ view }: Memory) => view.getUint32(bpf_attr_prog_load.fields.log_level.offset, true)

/** A loop of so many turns, each of which the verifier walks and writes down. */
const turns = (count: number) => [set(1, 0), add(1, 1), ifLess(1, count, -2)]

describeKernel('a program that the verifier refuses', () => {
  // Words that have been the same in all kernels; newer ones say `scalar` where older ones said `inv`.
  it.each([
    [
      'a value that may not be there',
      () => encode(lookUpZero(map('hash', 8)), load64(0, 0, 0), exit()),
      /R0 invalid mem access 'map_value_or_null'/,
    ],
    [
      'a load past a value',
      () => encode(lookUpZero(map('hash', 8)), ifEqual(0, 0, 1), load64(0, 0, 8), set(0, 0), exit()),
      /invalid access to map value, value_size=8 off=8 size=8/,
    ],
    [
      'a place that depends on anything',
      () =>
        encode(
          ...[lookUpZero(map('hash', 8)), ifEqual(0, 0, 4), copy(6, 0), call(5), addRegister(6, 0)],
          ...[load64(0, 6, 0), set(0, 0), exit()],
        ),
      /math between map_value pointer and register with unbounded min value is not allowed/,
    ],
    [
      'a load from no address',
      () => encode(set(1, 0), load64(0, 1, 0), exit()),
      /R1 invalid mem access '(inv|scalar)'/,
    ],
    ['a helper that there is not', () => encode(call(9999), exit()), /invalid func unknown#9999/],
    [
      'a loop without end',
      () => encode(call(5), ifEqual(0, 0, -1), exit()),
      /infinite loop detected at insn 1/,
    ],
    ['a way past its end', () => encode(set(0, 0)), /(last insn is not an exit or jmp|jump out of range)/],
    ['a register that was never set', () => encode(copy(0, 3), exit()), /R3 !read_ok/],
  ])('for %s is an error whose message says so', (_what, code, cause) => {
    const error = refused(code())
    expect(error.message).toMatch(
      /^Cannot load program tested: the verifier says: .+ \((EACCES|EINVAL); \d+ lines of log\)$/s,
    )
    expect(error.message.split(' the verifier says: ')[1]).toMatch(cause)
    expect(error.message).not.toContain('\n')
    expect(error.log).toMatch(cause)
    const lines = error.log.split('\n').filter((line) => line.trim() !== '')
    expect(error.message).toContain(`${lines.length} lines of log`)
  })

  it('leaves nothing in the kernel', () => {
    const { programs } = kernelObjects()
    refused(encode(copy(0, 3), exit()))
    expect(kernelObjects().programs.filter((id) => !programs.includes(id))).toEqual([])
  })
})

describeKernel('the verifier’s log', () => {
  it('is whole, however long: it is given more room until it fits', () => {
    const sizes: number[] = []
    interpose((real, command, attributes) => {
      if (command === 'BPF_PROG_LOAD') sizes.push(logSize(attributes))
      return real(command, attributes)
    })
    const error = refused(encode(turns(3000), set(0, 0), load64(2, 0, 0), exit()))
    expect(error.message).toMatch(/R0 invalid mem access '(inv|scalar)'/)
    // First without a log; the log does not fit into 64 KiB.
    expect(sizes).toEqual([0, 65_536, 1_048_576])
    expect(error.log.length).toBeGreaterThan(65_536)
    // From the first instruction to the last.
    expect(error.log).toMatch(/^0: \(b7\) r1 = 0/m)
    expect(error.log).toMatch(/^4: \(79\) r2 = \*\(u64 \*\)\(r0 \+0\)/m)
  })

  it('is asked for only when a program was refused', () => {
    const levels: number[] = []
    interpose((real, command, attributes) => {
      if (command === 'BPF_PROG_LOAD') levels.push(logLevel(attributes))
      return real(command, attributes)
    })
    load(encode(set(0, 0), exit()))
    expect(levels).toEqual([0])
  })

  it('that is longer than a kernel gives still says why, and with which error number', () => {
    // Two million turns of a loop are more than the verifier walks. Before Linux 6.4 the log was cut where the verdict
    // stands, and the error was the log's: ENOSPC.
    interpose((real, command, attributes) => {
      const { view } = attributes
      const { log_level } = bpf_attr_prog_load.fields
      if (command !== 'BPF_PROG_LOAD' || logLevel(attributes) !== 1) return real(command, attributes)
      view.setUint32(log_level.offset, 1 | LOG_FIXED, true)
      const result = real(command, attributes)
      // A kernel that does not know the flag cuts so without it.
      if (result !== -22) return result
      view.setUint32(log_level.offset, 1, true)
      return real(command, attributes)
    })
    const error = refused(encode(turns(2_000_000), set(0, 0), exit()))
    expect(error.message).toMatch(
      /: BPF program is too large\. Processed 1000001 insn \(E2BIG; \d+ lines of log\)$/,
    )
    expect(error.errnoName).toBe('E2BIG')
    expect(error.log).toMatch(/^0: \(b7\) r1 = 0/m)
  }, 300_000)

  it('is of a size that every kernel takes', () => {
    const sizes: number[] = []
    interpose((_real, command, attributes) => {
      if (command === 'BPF_PROG_LOAD' && logLevel(attributes) !== 0) sizes.push(logSize(attributes))
      // A log that is never large enough.
      return -28
    })
    expect(() => load(encode(exit()))).toThrow('Cannot load program tested: ENOSPC')
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(128)
    expect(Math.max(...sizes)).toBe((16 << 20) - 1)
  })
})

describeKernel('loading', () => {
  it.each([
    ['EAGAIN', EAGAIN],
    ['EINTR', EINTR],
  ])('is repeated when a signal came: %s', (_name, number) => {
    let calls = 0
    interpose((real, command, attributes) =>
      command === 'BPF_PROG_LOAD' && ++calls < 4 ? -number : real(command, attributes),
    )
    expect(load(encode(set(0, 0), exit())).number).toBeGreaterThan(0)
    expect(calls).toBe(4)
  })

  it('is given up when signals never cease, and says so', () => {
    interpose((real, command, attributes) =>
      command === 'BPF_PROG_LOAD' ? -EAGAIN : real(command, attributes),
    )
    expect(() => load(encode(set(0, 0), exit()))).toThrow(/^Cannot load program tested: EAGAIN$/)
  })

  it('that succeeds the second time, with a log, is a success', () => {
    let calls = 0
    interpose((real, command, attributes) =>
      command === 'BPF_PROG_LOAD' && ++calls === 1 ? -12 : real(command, attributes),
    )
    expect(load(encode(set(0, 0), exit())).number).toBeGreaterThan(0)
  })

  it('does without the records of functions and lines where they are refused', () => {
    const builder = new BtfBuilder()
    const type = builder.add({ kind: 'func_proto', returns: addInt(builder), parameters: [] })
    const main = builder.add({ kind: 'func', name: 'tested', type, linkage: 'static' })
    const text = builder.string('r0 = 0')
    const btf = new FileDescriptor(tryLoadBtf(builder.bytes()), 'BTF')
    opened.push(btf)
    const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer)
    const debug = (line: number) => ({
      btf: btf.number,
      functions: words(0, main),
      lines: words(line, text, text, 1 << 10),
    })
    const btfIdOf = (fd: FileDescriptor) => programBtfId(fd.number)
    const code = encode(set(0, 0), exit())
    expect(btfIdOf(load(code, { debug: debug(0) }))).toBe(btfId(btf.number))
    // A line for an instruction that there is not.
    expect(btfIdOf(load(code, { debug: debug(77) }))).toBe(0)
    // What is wrong with the program itself is told as before.
    expect(refused(encode(copy(0, 3), exit()), { debug: debug(0) }).message).toContain('R3 !read_ok')
  })

  it('of what the kernel refuses before the verifier sees it is an error without a log', () => {
    const error = thrownBy(() => load(new Uint8Array(0)))
    expect(error).toBeInstanceOf(SystemCallError)
    expect(error).not.toBeInstanceOf(VerifierError)
    expect(error).toMatchObject({ message: 'Cannot load program tested: E2BIG', errnoName: 'E2BIG' })
  })

  it.each([
    ['program types of 5.4', 'BPF_PROG_TYPE_TRACING', 'Linux 5.5'],
    ['program types of 4.19', 'BPF_PROG_TYPE_LSM', 'a newer Linux'],
  ] as const)('of a type that there is not says what it takes: %s', (restriction, type, takes) => {
    opened.push({ close: restrictKernel(interposeBpf, [restriction]).restore })
    const error = thrownBy(() => load(encode(set(0, 0), exit()), { type }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({
      message: `Cannot load program tested: this kernel has no programs of type ${type}`,
      needs: 'newer_kernel',
      hint: `It takes ${takes}.`,
    })
  })

  it('of more instructions than an older kernel takes says so', () => {
    const long = encode(...Array.from({ length: 4096 }, () => set(0, 0)), exit())
    load(long)
    opened.push({ close: restrictKernel(interposeBpf, ['at most 4096 instructions']).restore })
    const error = thrownBy(() => load(long))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({
      message: 'Cannot load program tested: its 4097 instructions are more than this kernel takes',
      needs: 'newer_kernel',
      hint: 'Linux before 5.2 takes 4096.',
    })
    load(long.subarray(8))
  })

  it('without the right is an error that says which right', () => {
    // Where maps are permitted, and programs are not, it was told as locked memory that lacks.
    for (const rights of [[], ['CAP_BPF'], ['CAP_NET_ADMIN', 'CAP_PERFMON']] as const) {
      const error = withCapabilities(rights, () => thrownBy(() => load(encode(set(0, 0), exit()))))
      expect(error).toBeInstanceOf(NotPermittedError)
      expect(error).toMatchObject({
        message: 'Cannot load program tested: not permitted',
        needs: 'capabilities',
        hint: 'Run it as root, or with CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8).',
        errnoName: 'EPERM',
      })
    }
  })
})
