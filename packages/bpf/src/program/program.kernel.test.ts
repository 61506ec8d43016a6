import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { programId } from '../../../../test/support/kernel-info.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { canRunPrograms, runProgram } from '../../../../test/support/test-run.js'
import { ClosedError } from '../errors.js'
import type { BpfObject } from '../object/bpf-object.js'
import { loadObject } from '../object/load-object.js'
import { interposeBpf } from '../sys/bpf.js'
import { onlineCpus } from '../sys/cpus.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { Program } from './program.js'

const STATS = '/proc/sys/kernel/bpf_stats_enabled'

/** A program that hands out nothing when it is asked for no records. */
const load = (): BpfObject =>
  loadObject(readFixture('emit'), { programs: ['emit'], constants: { ring_buffer: true } })

/** Runs something while the kernel counts what programs cost, or does not; then as before. */
function whileStatistics(enabled: boolean, run: () => void): void {
  const before = readFileSync(STATS, 'utf8')
  writeFileSync(STATS, enabled ? '1' : '0')
  try {
    run()
  } finally {
    writeFileSync(STATS, before)
  }
}

interface Shown {
  readonly run_cnt?: number
  readonly run_time_ns?: number
  readonly recursion_misses?: number
}

describeKernelIf(canRunPrograms() && hasCommand('bpftool'))('the statistics of a program', () => {
  const [cpu = 0] = onlineCpus()

  it('are those that bpftool tells, where the kernel counts', () => {
    whileStatistics(true, () => {
      using object = load()
      const program = object.program('emit')
      for (let count = 0; count < 12; count++) runProgram(program.fileDescriptor, [0, 8, 0, 0], cpu)
      const id = programId(program.fileDescriptor)
      const shown = jsonOf<Shown>('bpftool', '-j', 'prog', 'show', 'id', String(id))
      expect(program.statistics()).toEqual({
        runs: 12,
        nanoseconds: shown.run_time_ns,
        missed: shown.recursion_misses ?? 0,
      })
      expect(shown.run_cnt).toBe(12)
      expect(shown.run_time_ns).toBeGreaterThan(0)
    })
  })

  it('are nothing where it does not', () => {
    whileStatistics(false, () => {
      using object = load()
      runProgram(object.program('emit').fileDescriptor, [0, 8, 0, 0], cpu)
      expect(object.program('emit').statistics()).toEqual({ runs: 0, nanoseconds: 0, missed: 0 })
    })
  })
})

describeKernel('a program', () => {
  it('is gone when it is closed, and says so', () => {
    using object = loadObject(readFixture('hooks'), { programs: ['filter'] })
    const program = object.program('filter')
    const { fileDescriptor } = program
    expect(openFiles().get(fileDescriptor)).toContain('bpf-prog')
    program.close()
    program.close()
    expect(openFiles().has(fileDescriptor)).toBe(false)
    const closed = new ClosedError('Cannot use program filter: it is closed')
    expect(() => program.fileDescriptor).toThrow(closed)
    expect(() => program.statistics()).toThrow(closed)
    expect(() => program.attach()).toThrow(
      'Cannot attach filter: programs for socket filter cannot be attached',
    )
  })

  it('is closed at the end of a block', () => {
    using object = loadObject(readFixture('hooks'), { programs: ['filter'] })
    const number = (() => {
      using program = object.program('filter')
      return program.fileDescriptor
    })()
    expect(openFiles().has(number)).toBe(false)
  })

  it('whose statistics are refused says why', () => {
    using object = loadObject(readFixture('hooks'), { programs: ['filter'] })
    const restore = interposeBpf((real, command, attributes) =>
      command === 'BPF_OBJ_GET_INFO_BY_FD' ? -1 : real(command, attributes),
    )
    try {
      expect(() => object.program('filter').statistics()).toThrow(
        'Cannot ask for the statistics of program filter: EPERM',
      )
    } finally {
      restore()
    }
  })

  it('for the record of a tracepoint cannot be attached without its format', () => {
    const target = { kind: 'tracepoint', group: 'sock', name: 'any' } as const
    const links: unknown[] = []
    using fd = new FileDescriptor(openSync('/dev/null', 'r'), 'null')
    const program = new Program(fd, 'record', target, { onAttach: (link) => links.push(link) })
    expect(() => program.attach()).toThrow(
      'Cannot attach record: the format of tracepoint sock:any is not known',
    )
    expect(links).toEqual([])
  })
})
