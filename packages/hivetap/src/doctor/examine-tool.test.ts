import { MemlockError, UnsupportedError } from '@hivetap/bpf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NO_CGROUPS } from '../../../../test/support/no-cgroups.js'
import { askOnce, forgetFeatures } from '../../../bpf/src/features/feature.js'
import type { AnyTool, Placement, Session } from '../probes/tool.js'
import { examineTool } from './examine-tool.js'

beforeEach(() => {
  forgetFeatures()
  askOnce('map ringbuf', () => ({ state: 'yes' }))
})
afterEach(() => forgetFeatures())

/** A tool that fails as it is told to, and counts what of it is open. */
class Stub {
  open = 0
  opened = 0
  readonly tool: AnyTool

  constructor(failure: (placement: Placement) => unknown, missing: ReadonlyMap<string, string> = new Map()) {
    this.tool = {
      name: 'stub',
      summary: '',
      description: '',
      subject: 'things',
      flags: [],
      rungs: ['tp_btf', 'tracepoint'],
      sizes: [{ entries: 1, bufferBytes: 4096 }],
      columns: () => [],
      remark: () => undefined,
      fields: [],
      decoder: { size: 0, read: () => undefined as never },
      namedBy: { pid: () => 0, cgroup: () => 0n },
      ofRecord: () => ({}) as never,
      timeNs: () => 0,
      open: (_: unknown, placement: Placement) => {
        const error = failure(placement)
        if (error !== undefined) throw error
        return this.#session(placement, missing)
      },
    }
  }

  #session(placement: Placement, missing: ReadonlyMap<string, string>): Session<never> {
    this.open++
    this.opened++
    const unused = () => {
      throw new Error('doctor reads no events')
    }
    return {
      ...NO_CGROUPS,
      placement,
      get events() {
        return unused()
      },
      missing,
      balance: unused,
      detach: () => {},
      close: () => {
        this.open--
      },
    }
  }
}

describe('examineTool', () => {
  it('tries every step, and takes each back', () => {
    const stub = new Stub(() => undefined)
    expect(examineTool(stub.tool)).toEqual({
      tool: 'stub',
      runs: true,
      rung: 'tp_btf',
      buffer: 'ringbuf',
      steps: [
        { rung: 'tp_btf', buffer: 'ringbuf', works: true },
        { rung: 'tp_btf', buffer: 'perf', works: true },
        { rung: 'tracepoint', buffer: 'ringbuf', works: true },
        { rung: 'tracepoint', buffer: 'perf', works: true },
      ],
    })
    expect({ open: stub.open, opened: stub.opened }).toEqual({ open: 0, opened: 4 })
  })

  it('tells the step that is taken, and why not a better one, with what mends it', () => {
    const noTypes = new UnsupportedError('there is no BTF', { needs: 'kernel_btf' })
    const noRing = new UnsupportedError('no ring buffers', {
      needs: 'newer_kernel',
      hint: 'It takes Linux 5.8.',
    })
    const stub = new Stub(({ rung, buffer }) => {
      if (rung === 'tp_btf') return noTypes
      return buffer === 'ringbuf' ? noRing : undefined
    })
    const mend = 'a kernel built with CONFIG_DEBUG_INFO_BTF=y'
    expect(examineTool(stub.tool)).toEqual({
      tool: 'stub',
      runs: true,
      rung: 'tracepoint',
      buffer: 'perf',
      steps: [
        { rung: 'tp_btf', buffer: 'ringbuf', works: false, reason: 'there is no BTF', mend },
        { rung: 'tp_btf', buffer: 'perf', works: false, reason: 'there is no BTF', mend },
        {
          rung: 'tracepoint',
          buffer: 'ringbuf',
          works: false,
          reason: 'no ring buffers',
          mend: 'It takes Linux 5.8.',
        },
        { rung: 'tracepoint', buffer: 'perf', works: true },
      ],
    })
    expect(stub.open).toBe(0)
  })

  it('tells fields that a step cannot fill', () => {
    const stub = new Stub(() => undefined, new Map([['netns', 'a kernel with BTF']]))
    expect(examineTool(stub.tool).steps[0]).toEqual({
      rung: 'tp_btf',
      buffer: 'ringbuf',
      works: true,
      missing: { netns: 'a kernel with BTF' },
    })
  })

  it('says that a tool does not run where no step works', () => {
    const stub = new Stub(
      () => new MemlockError('too little', { number: 1, name: 'EPERM' }, { needs: 'memlock' }),
    )
    const report = examineTool(stub.tool)
    expect(report.runs).toBe(false)
    expect(report).not.toHaveProperty('rung')
    expect(report.steps.map((step) => step.reason)).toEqual(Array(4).fill('too little'))
    expect(report.steps[0]?.manifest).toBe('securityContext: { capabilities: { add: [SYS_RESOURCE] } }')
  })

  it('does not call a defect of ours something that this host cannot do', () => {
    expect(() => examineTool(new Stub(() => new TypeError('x is not a function')).tool)).toThrow(TypeError)
  })
})
