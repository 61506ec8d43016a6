import { afterEach, describe, expect, it } from 'vitest'
import { type BpfCommand, bpf, interposeBpf } from './bpf.js'
import { allocate, type Memory } from './memory.js'

const EINTR = 4
const EAGAIN = 11
const EINVAL = 22

const restored: (() => void)[] = []

afterEach(() => {
  for (const restore of restored.splice(0).reverse()) restore()
})

/** Answers every call with the next of some results, and remembers what it was asked. */
function answering(results: readonly number[]): { command: BpfCommand; first: number }[] {
  const calls: { command: BpfCommand; first: number }[] = []
  restored.push(
    interposeBpf((_real, command, attributes) => {
      calls.push({ command, first: attributes.view.getUint32(0, true) })
      return results[calls.length - 1] ?? 0
    }),
  )
  return calls
}

function attributesWith(first: number): Memory {
  const attributes = allocate(16)
  attributes.view.setUint32(0, first, true)
  return attributes
}

describe('bpf', () => {
  it.each([
    ['EAGAIN', EAGAIN],
    ['EINTR', EINTR],
  ])('repeats a call that ended with %s', (_name, number) => {
    const calls = answering([-number, -number, 5])
    expect(bpf('BPF_PROG_LOAD', attributesWith(1))).toBe(5)
    expect(calls).toHaveLength(3)
  })

  it('makes five attempts, and gives what the last one gave', () => {
    const calls = answering(Array(20).fill(-EAGAIN))
    expect(bpf('BPF_PROG_LOAD', attributesWith(1))).toBe(-EAGAIN)
    expect(calls).toHaveLength(5)
  })

  it('does not repeat a call that failed for another reason', () => {
    const calls = answering([-EINVAL, 0])
    expect(bpf('BPF_MAP_CREATE', attributesWith(1))).toBe(-EINVAL)
    expect(calls).toEqual([{ command: 'BPF_MAP_CREATE', first: 1 }])
  })

  it('repeats with the attributes as they were given', () => {
    // A batch that was interrupted has its count lowered to what it got to: repeated with that, it would end too early.
    let calls = 0
    restored.push(
      interposeBpf((_real, _command, attributes) => {
        expect(attributes.view.getUint32(0, true)).toBe(256)
        attributes.view.setUint32(0, 0, true)
        return calls++ === 0 ? -EINTR : 0
      }),
    )
    expect(bpf('BPF_MAP_LOOKUP_BATCH', attributesWith(256))).toBe(0)
    expect(calls).toBe(2)
  })
})

describe('interposeBpf', () => {
  it('puts one function in front of another, and takes each away again', () => {
    const order: string[] = []
    const restoreInner = interposeBpf((_real, command) => {
      order.push(`inner ${command}`)
      return 1
    })
    const restoreOuter = interposeBpf((real, command, attributes) => {
      order.push(`outer ${command}`)
      return real(command, attributes) + 1
    })
    restored.push(restoreInner)
    expect(bpf('BPF_MAP_CREATE', allocate(8))).toBe(2)
    restoreOuter()
    expect(bpf('BPF_MAP_FREEZE', allocate(8))).toBe(1)
    expect(order).toEqual(['outer BPF_MAP_CREATE', 'inner BPF_MAP_CREATE', 'inner BPF_MAP_FREEZE'])
  })
})
