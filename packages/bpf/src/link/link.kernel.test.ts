import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { BuiltProcess } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { programId } from '../../../../test/support/kernel-info.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { u32, u64 } from '../bindings/scalars.js'
import { NotFoundError, NotPermittedError, SystemCallError, UnsupportedError } from '../errors.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import type { BpfObject } from '../object/bpf-object.js'
import { loadObject } from '../object/load-object.js'
import { interposeBpf } from '../sys/bpf.js'
import { onlineCpus } from '../sys/cpus.js'
import { LoopbackSocket } from '../sys/loopback.js'
import { openTracefs } from '../sys/tracefs.js'
import type { Link } from './link.js'
import { attachTracepoint } from './tracepoint.js'
import { readTracepointFormat } from './tracepoint-format.js'

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function load(program: string | readonly string[], pid = process.pid): BpfObject {
  const programs = typeof program === 'string' ? [program] : program
  const object = loadObject(readFixture('hooks'), { programs, constants: { pid } })
  opened.push(object)
  return object
}

/** Makes so many sockets that listen: each is one hit. */
function listen(times: number): void {
  for (let count = 0; count < times; count++) {
    using socket = new LoopbackSocket()
    socket.bind(true)
  }
}

const hitsOf = (object: BpfObject): number => Number(object.map('hits', u32, u64).get(0))

/** The link, or the error. */
function attempt(object: BpfObject, program: string): Link | Error {
  try {
    return object.program(program).attach()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

const perfEventParanoid = () => Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'))

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const tracefs = openTracefs()
if (tracefs.path !== undefined) tracefs.close()

/** What there is a kernel facility for, with how a link of it describes itself. */
const HOOKS = [
  { program: 'typed', description: 'tp_btf inet_sock_set_state', there: openKernelBtf() !== undefined },
  { program: 'raw', description: 'raw_tp inet_sock_set_state', there: true },
  {
    program: 'record',
    description: 'tracepoint sock:inet_sock_set_state',
    there: tracefs.path !== undefined,
  },
]

for (const { program, description, there } of HOOKS) {
  describeKernelIf(there)(`a program on ${description}`, () => {
    it('runs for each hit, from when it is attached until the link is closed', () => {
      const object = load(program)
      listen(2)
      expect(hitsOf(object)).toBe(0)
      const link = object.program(program).attach()
      expect(link.description).toBe(description)
      listen(7)
      expect(hitsOf(object)).toBe(7)
      link.close()
      listen(5)
      expect(hitsOf(object)).toBe(7)
      link.close()
      using _again = object.program(program).attach()
      listen(3)
      expect(hitsOf(object)).toBe(10)
    })

    it.skipIf(!hasCommand('taskset'))('runs for hits on any CPU, of the process that it is for', async () => {
      for (const cpu of onlineCpus().slice(0, 4)) {
        const child = new BuiltProcess(
          `const { LoopbackSocket } = await import(dist + 'sys/loopback.js')
           const input = lines()
           answer('ready')
           await input.next()
           for (let count = 0; count < 3; count++) new LoopbackSocket().bind(true)
           answer('done')`,
          { prefix: ['taskset', '-c', String(cpu)] },
        )
        opened.push({ close: () => void child.kill() })
        await child.answer()
        const own = load(program)
        const its = load(program, child.pid)
        own.program(program).attach()
        its.program(program).attach()
        child.tell()
        await child.answer(1)
        expect([hitsOf(its), hitsOf(own)]).toEqual([3, 0])
        expect(await child.end()).toBe(0)
      }
    })

    it('runs on when the program is closed, and no more when the object is', async () => {
      const before = kernelState()
      const object = load(program)
      const hits = object.map('hits', u32, u64)
      const link = object.program(program).attach()
      object.program(program).close()
      listen(2)
      expect(Number(hits.get(0))).toBe(2)
      object.close()
      link.close()
      await expectNothingLeft(before)
    })

    it.skipIf(!hasCommand('bpftool'))('is where bpftool says, until it is closed', () => {
      const object = load(program)
      const id = programId(object.program(program).fileDescriptor)
      const attached = () =>
        jsonOf<readonly { pid: number; prog_id: number }[]>('bpftool', '-j', 'perf', 'show').filter(
          ({ pid, prog_id }) => pid === process.pid && prog_id === id,
        )
      expect(attached()).toEqual([])
      const link = object.program(program).attach()
      if (program === 'record') expect(attached()).toMatchObject([{ tracepoint: 'inet_sock_set_state' }])
      else if (program === 'raw') expect(attached()).toMatchObject([{ fd_type: 'raw_tracepoint' }])
      link.close()
      expect(attached()).toEqual([])
    })

    it('cannot be attached after it was closed', () => {
      const object = load(program)
      object.close()
      expect(() => object.program(program).attach()).toThrow(`Cannot use program ${program}: it is closed`)
    })

    it('is attached without any right, or says which it takes, and leaves nothing', () => {
      const object = load(program)
      const before = openFiles()
      const result = withCapabilities([], () => attempt(object, program))
      if (!(result instanceof Error)) {
        // Newer kernels let whoever has the program attach it; but to perf events only where all are trusted.
        result.close()
        if (program === 'record') expect(perfEventParanoid()).toBe(-1)
        return
      }
      expect(result).toBeInstanceOf(NotPermittedError)
      expect(result).toMatchObject({ code: 'not_permitted', needs: 'capabilities' })
      expect(result.message).toContain(`Cannot attach to ${description}: `)
      expect((result as NotPermittedError).hint).toMatch(/CAP_BPF and CAP_PERFMON/)
      expect(openFiles()).toEqual(before)
    })

    it('is attached with CAP_BPF and CAP_PERFMON alone, or says what keeps them from it', () => {
      const object = load(program)
      const result = withCapabilities(['CAP_BPF', 'CAP_PERFMON'], () => attempt(object, program))
      if (result instanceof Error) {
        // A level that Debian's kernels have, on which CAP_PERFMON counts for nothing.
        expect(perfEventParanoid()).toBeGreaterThan(2)
        expect(result).toMatchObject({
          needs: 'perf_event_paranoid',
          hint: expect.stringContaining('paranoid=2'),
        })
        return
      }
      listen(1)
      expect(hitsOf(object)).toBe(1)
    })
  })
}

describeKernel('a tracepoint that there is not', () => {
  it('is not found when a raw program is attached', () => {
    const object = load('raw_nowhere')
    const error = thrownBy(() => object.program('raw_nowhere').attach())
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error).toMatchObject({
      message: 'Cannot attach to raw_tp hivetap_no_such_tracepoint: this kernel has no such tracepoint',
      code: 'not_found',
    })
  })

  it('is not found when a typed program is loaded', () => {
    const error = thrownBy(() => load('typed_nowhere'))
    if (openKernelBtf() === undefined) expect(error).toMatchObject({ needs: 'kernel_btf' })
    else {
      expect(error).toBeInstanceOf(NotFoundError)
      expect((error as Error).message).toBe('This kernel has no tracepoint hivetap_no_such_tracepoint')
    }
  })

  it.skipIf(tracefs.path === undefined)('is not found when a program for its record is loaded', () => {
    const error = thrownBy(() => load('record_nowhere'))
    expect(error).toBeInstanceOf(NotFoundError)
    expect((error as Error).message).toBe(
      'Cannot find tracepoint sock:hivetap_no_such_tracepoint: this kernel has no such tracepoint',
    )
  })

  it('has not the arguments that a program reads', () => {
    const object = load('reads_too_far')
    const before = openFiles()
    const error = thrownBy(() => object.program('reads_too_far').attach())
    expect(error).toBeInstanceOf(NotFoundError)
    expect((error as Error).message).toBe(
      "Cannot attach to raw_tp inet_sock_set_state: the program reads arguments that this kernel's tracepoint does not have",
    )
    expect(openFiles()).toEqual(before)
  })
})

describeKernel('a program that is not for a hook', () => {
  it('is loaded, and cannot be attached', () => {
    const object = load('filter')
    const error = thrownBy(() => object.program('filter').attach())
    expect(error).toBeInstanceOf(UnsupportedError)
    expect((error as Error).message).toBe(
      'Cannot attach filter: programs for socket filter cannot be attached',
    )
  })
})

describeKernel('attaching that fails', () => {
  it.each([1, 13])('for lack of a right (errno %i) says which right', (number) => {
    const object = load('raw')
    opened.push({
      close: interposeBpf((real, command, attributes) =>
        command === 'BPF_RAW_TRACEPOINT_OPEN' ? -number : real(command, attributes),
      ),
    })
    const error = thrownBy(() => object.program('raw').attach())
    expect(error).toBeInstanceOf(NotPermittedError)
    expect(error).toMatchObject({
      message: `Cannot attach to raw_tp inet_sock_set_state: ${number === 1 ? 'EPERM' : 'EACCES'}`,
      needs: 'capabilities',
      hint: 'It takes CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8).',
    })
  })

  it('for another reason has the error number', () => {
    const object = load('raw')
    opened.push({
      close: interposeBpf((real, command, attributes) =>
        command === 'BPF_RAW_TRACEPOINT_OPEN' ? -12 : real(command, attributes),
      ),
    })
    const error = thrownBy(() => object.program('raw').attach())
    expect(error).toBeInstanceOf(SystemCallError)
    expect(error).toMatchObject({
      message: 'Cannot attach to raw_tp inet_sock_set_state: ENOMEM',
      errnoName: 'ENOMEM',
    })
  })

  it.skipIf(tracefs.path === undefined)(
    'for a program of another type, or a second time, leaves no event open',
    () => {
      const object = load(['raw', 'record'])
      const found = openTracefs()
      if (found.path === undefined) throw new Error(found.reason)
      const { id } = readTracepointFormat(found, 'sock', 'inet_sock_set_state')
      found.close()
      const before = openFiles()
      const raw = object.program('raw').fileDescriptor
      expect(() => attachTracepoint(raw, id, 'tracepoint x')).toThrow('Cannot attach to tracepoint x: EINVAL')
      expect(openFiles()).toEqual(before)
      using _link = object.program('record').attach()
      const attached = openFiles()
      expect(() => object.program('record').attach()).toThrow(
        'Cannot attach to tracepoint sock:inet_sock_set_state: EEXIST',
      )
      expect(openFiles()).toEqual(attached)
    },
  )

  it('for an event that there is not has the error number', () => {
    expect(() => attachTracepoint(0, 0x7fff_fff0, 'tracepoint y')).toThrow(
      /^Cannot attach to tracepoint y: perf_event_open\(2\): E/,
    )
  })
})

describeKernelIf(tracefs.path !== undefined)('the format of a tracepoint', () => {
  it('that may not be read is not found, and says why', () => {
    const error = thrownBy(() =>
      readTracepointFormat(
        { path: '/proc/self/exe', origin: 'mounted', close: () => undefined },
        'sock',
        'any',
      ),
    )
    expect(error).toBeInstanceOf(NotFoundError)
    expect((error as Error).message).toBe('Cannot find tracepoint sock:any: tracefs cannot be read: ENOTDIR')
  })
})
