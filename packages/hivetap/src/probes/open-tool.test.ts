import {
  BpfError,
  MemlockError,
  NotFoundError,
  NotPermittedError,
  SystemCallError,
  UnresolvedRelocationError,
  UnsupportedError,
} from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import { NO_CGROUPS } from '../../../../test/support/no-cgroups.js'
import { NoRungError, openTool, type Wish } from './open-tool.js'
import type { Placement, Rung, Session, Sizes, Tool } from './tool.js'

const EPERM = { number: 1, name: 'EPERM' }
const memlock = () => new MemlockError('Cannot create map: locked memory', EPERM, { needs: 'memlock' })
const noRights = () =>
  new NotPermittedError('Cannot load: not permitted', EPERM, {
    needs: 'capabilities',
    hint: 'Run it as root.',
  })
const noBtf = () => new UnsupportedError('there is no BTF', { needs: 'kernel_btf', hint: 'Build one.' })

/** A session of nothing: only where it was opened is asked of it. */
function sessionAt(placement: Placement): Session<never> {
  const unused = () => {
    throw new Error('nobody reads from this session')
  }
  return {
    ...NO_CGROUPS,
    placement,
    get events() {
      return unused()
    },
    missing: new Map(),
    balance: unused,
    detach: () => {},
    close: () => {},
  }
}

const LARGE: Sizes = { entries: 1000, bufferBytes: 1 << 20 }
const SMALL: Sizes = { entries: 10, bufferBytes: 4096 }

/** A tool whose steps fail as they are told to, and which notes what was tried. */
function stub(
  failure: (placement: Placement) => unknown,
  sizes: Tool<never, object>['sizes'] = [LARGE],
): { tool: Tool<never, object>; tried: string[] } {
  const tried: string[] = []
  const tool: Tool<never, object> = {
    name: 'stub',
    summary: '',
    description: '',
    subject: 'things',
    flags: [],
    rungs: ['tp_btf', 'raw_tp', 'tracepoint'],
    sizes,
    columns: () => [],
    remark: () => undefined,
    fields: [],
    decoder: { size: 0, read: () => undefined as never },
    namedBy: { pid: () => 0, cgroup: () => 0n },
    ofRecord: () => ({}) as never,
    timeNs: () => 0,
    open: (_, placement) => {
      tried.push(`${placement.rung} ${placement.buffer} ${placement.sizes.entries}`)
      const error = failure(placement)
      if (error !== undefined) throw error
      return sessionAt(placement)
    },
  }
  return { tool, tried }
}

/** The error of a tool that cannot be opened. */
function refused(tool: Tool<never, object>, wish: Wish = {}): NoRungError {
  try {
    openTool(tool, {}, wish)
  } catch (error) {
    if (error instanceof NoRungError) return error
    throw error
  }
  throw new Error('it was opened')
}

describe('the ladder', () => {
  it('stops at the first step that works, having tried nothing else', () => {
    const { tool, tried } = stub(() => undefined)
    const { session, refusals, reduced } = openTool(tool, {})
    expect(session.placement).toEqual({ rung: 'tp_btf', buffer: 'ringbuf', sizes: LARGE })
    expect({ refusals, reduced, tried }).toEqual({
      refusals: [],
      reduced: undefined,
      tried: ['tp_btf ringbuf 1000'],
    })
  })

  it.each([
    ['unsupported', noBtf],
    ['not permitted', noRights],
    ['not found', () => new NotFoundError('no tracepoint')],
    ['unresolved', () => new UnresolvedRelocationError('no field')],
  ])('goes on to the next rung, and says why: %s', (_, error) => {
    const thrown: BpfError[] = []
    const { tool, tried } = stub(({ rung }) => {
      if (rung === 'tracepoint') return undefined
      thrown.push(error())
      return thrown.at(-1)
    })
    const { session, refusals } = openTool(tool, {})
    expect(session.placement.rung).toBe('tracepoint')
    expect(refusals).toEqual([
      { rung: 'tp_btf', buffer: 'ringbuf', error: thrown[0] },
      { rung: 'raw_tp', buffer: 'ringbuf', error: thrown[1] },
    ])
    expect(tried).toEqual(['tp_btf ringbuf 1000', 'raw_tp ringbuf 1000', 'tracepoint ringbuf 1000'])
  })

  it('does not take a defect of ours for a step that cannot be taken', () => {
    const { tool, tried } = stub(() => new TypeError('x is not a function'))
    expect(() => openTool(tool, {})).toThrow(TypeError)
    expect(tried).toHaveLength(1)
  })

  it('tries only what was asked for', () => {
    const { tool, tried } = stub(noBtf)
    expect(refused(tool, { rung: 'raw_tp', buffer: 'perf' }).refusals).toHaveLength(1)
    expect(tried).toEqual(['raw_tp perf 1000'])
  })

  it('tries all rungs with the buffer that was asked for', () => {
    const { tool, tried } = stub(noBtf)
    refused(tool, { buffer: 'perf' })
    expect(tried).toEqual(['tp_btf perf 1000', 'raw_tp perf 1000', 'tracepoint perf 1000'])
  })
})

describe('the buffer', () => {
  const noRingBuffer = ({ buffer }: Placement) =>
    buffer === 'ringbuf'
      ? new UnsupportedError('no maps of kind ringbuf', { needs: 'newer_kernel' })
      : undefined

  it('is a perf buffer, on the same rung, where the kernel has no ring buffers', () => {
    const { tool, tried } = stub(noRingBuffer)
    expect(openTool(tool, {}).session.placement).toMatchObject({ rung: 'tp_btf', buffer: 'perf' })
    expect(tried).toEqual(['tp_btf ringbuf 1000', 'tp_btf perf 1000'])
  })

  it('is a perf buffer where a ring buffer fails for whatever reason: a kernel may have the map and not the helper', () => {
    // What failed was held to be the rung's, unless the kernel had no such map: the tool could not run.
    const { tool, tried } = stub(({ buffer }) =>
      buffer === 'ringbuf' ? new SystemCallError('EINVAL', { number: 22, name: 'EINVAL' }) : undefined,
    )
    expect(openTool(tool, {}).session.placement).toMatchObject({ rung: 'tp_btf', buffer: 'perf' })
    expect(tried).toEqual(['tp_btf ringbuf 1000', 'tp_btf perf 1000'])
  })

  it('is not tried anew where it was not what failed', () => {
    const { tool, tried } = stub(noBtf)
    refused(tool)
    expect(tried).toEqual(['tp_btf ringbuf 1000', 'raw_tp ringbuf 1000', 'tracepoint ringbuf 1000'])
  })

  it('is not tried anew where a right is lacking', () => {
    const { tool, tried } = stub(noRights)
    refused(tool)
    expect(tried).toEqual(['tp_btf ringbuf 1000', 'raw_tp ringbuf 1000', 'tracepoint ringbuf 1000'])
  })

  it('is not another than was asked for', () => {
    const { tool, tried } = stub(noRingBuffer)
    expect(refused(tool, { buffer: 'ringbuf' }).message).toBe('no maps of kind ringbuf')
    expect(tried).toHaveLength(3)
  })
})

describe('sizes', () => {
  it('are made smaller, on the same step, only where locked memory is short', () => {
    const error = memlock()
    const { tool, tried } = stub(({ sizes }) => (sizes === LARGE ? error : undefined), [LARGE, SMALL])
    const { session, reduced, refusals } = openTool(tool, {})
    expect(session.placement.sizes).toBe(SMALL)
    expect(reduced).toBe(error)
    expect(refusals).toEqual([])
    expect(tried).toEqual(['tp_btf ringbuf 1000', 'tp_btf ringbuf 10'])
  })

  it('are not made smaller for another error', () => {
    const { tool, tried } = stub(noBtf, [LARGE, SMALL])
    refused(tool)
    expect(tried).toHaveLength(3)
  })

  it('that are all too large end the step with the first error', () => {
    const errors: MemlockError[] = []
    const { tool, tried } = stub(() => {
      errors.push(memlock())
      return errors.at(-1)
    }, [LARGE, SMALL])
    const error = refused(tool)
    // Three rungs, two buffers, two sizes.
    expect(tried).toHaveLength(12)
    for (const [index, refusal] of error.refusals.entries()) expect(refusal.error).toBe(errors[index * 2])
    expect(error).toMatchObject({ needs: 'memlock', message: 'Cannot create map: locked memory' })
  })

  it('are not said to be reduced where a smaller one failed for another reason', () => {
    const { tool } = stub(
      ({ rung, sizes }) => {
        if (rung !== 'tp_btf') return undefined
        return sizes === LARGE ? memlock() : noBtf()
      },
      [LARGE, SMALL],
    )
    const { session, reduced } = openTool(tool, {})
    expect(session.placement).toMatchObject({ rung: 'raw_tp', sizes: LARGE })
    expect(reduced).toBeUndefined()
  })
})

describe('NoRungError', () => {
  const failing = (errors: Readonly<Record<Rung, () => unknown>>) => stub(({ rung }) => errors[rung]()).tool
  const noTracefs = () => new UnsupportedError('there is no tracefs', { needs: 'tracefs', hint: 'Mount it.' })

  it('is a right that is lacking, wherever on the ladder: with it, more may be had', () => {
    const error = refused(failing({ tp_btf: noBtf, raw_tp: noBtf, tracepoint: noRights }))
    expect(error).toMatchObject({
      message: 'Cannot load: not permitted',
      hint: 'Run it as root.',
      needs: 'capabilities',
    })
  })

  it('is the same thing that all steps lack', () => {
    const alsoNoBtf = () => new UnresolvedRelocationError('nothing relocates', { needs: 'kernel_btf' })
    const error = refused(failing({ tp_btf: noBtf, raw_tp: alsoNoBtf, tracepoint: alsoNoBtf }))
    expect(error).toMatchObject({ message: 'there is no BTF', hint: 'Build one.', needs: 'kernel_btf' })
  })

  it('is the same failure on all steps', () => {
    const broken = () => new SystemCallError('Cannot map: ENOMEM', { number: 12, name: 'ENOMEM' })
    expect(refused(failing({ tp_btf: broken, raw_tp: broken, tracepoint: broken })).message).toBe(
      'Cannot map: ENOMEM',
    )
  })

  it('names every step’s reason where they differ, though they are of one code', () => {
    // The first alone was told once: that a kernel without BTF has none, where tracefs was all that was lacking.
    const error = refused(failing({ tp_btf: noBtf, raw_tp: noBtf, tracepoint: noTracefs }))
    expect(error.message).toBe(
      'stub cannot run here: tp_btf: there is no BTF; raw_tp: there is no BTF; tracepoint: there is no tracefs',
    )
    expect(error.hint).toBe('hivetap doctor says what each step needs.')
    expect(error.needs).toBeUndefined()
  })

  it('is the one error where one step was asked for', () => {
    const { tool } = stub(noBtf)
    expect(refused(tool, { rung: 'tp_btf' })).toMatchObject({
      message: 'there is no BTF',
      hint: 'Build one.',
      needs: 'kernel_btf',
    })
  })

  it('keeps what led to it', () => {
    const error = refused(failing({ tp_btf: noBtf, raw_tp: noBtf, tracepoint: noTracefs }))
    expect(error.cause).toBe(error.refusals[0]?.error)
    expect(error).toBeInstanceOf(BpfError)
  })
})
