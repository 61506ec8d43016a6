import { describe, expect, it } from 'vitest'
import { type Ending, endingText, exitFields, STATUS_FIELDS } from './exit-fields.js'
import type { ExitEvent } from './exitsnoop.bpf.js'

const ended = (status: number, change: Partial<Ending> = {}): Ending => ({
  status,
  statusKnown: true,
  ofThread: false,
  ...change,
})

/** The fields that are made of the status, as the JSON has them. */
function told(ending: Ending): object {
  const made = exitFields.filter(({ name }) => (STATUS_FIELDS as readonly string[]).includes(name))
  return Object.fromEntries(
    made
      .map(({ name, value }) => [name, value(ending as ExitEvent)])
      .filter(([, value]) => value !== undefined),
  )
}

describe('how it ended', () => {
  it('is a code, where it ended by itself', () => {
    expect([0, 1 << 8, 255 << 8].map((status) => told(ended(status)))).toEqual([
      { exit_code: 0 },
      { exit_code: 1 },
      { exit_code: 255 },
    ])
    expect([0, 1 << 8, 255 << 8].map((status) => endingText(ended(status)))).toEqual([
      ...['0', 'code 1', 'code 255'],
    ])
  })

  it('is a signal, and whether it left a core', () => {
    expect(told(ended(15))).toEqual({ signal: 'SIGTERM', signal_number: 15, core_dumped: false })
    expect(told(ended(11))).toEqual({ signal: 'SIGSEGV', signal_number: 11, core_dumped: false })
    expect(told(ended(11 | 0x80))).toEqual({ signal: 'SIGSEGV', signal_number: 11, core_dumped: true })
    expect(endingText(ended(15))).toBe('signal 15 (Terminated)')
    expect(endingText(ended(11 | 0x80))).toBe('signal 11 (Segmentation fault), core dumped')
  })

  it('says of a thread no more than is known: another one may have left the core', () => {
    const ofThread = { ofThread: true }
    expect(told(ended(11, ofThread))).toEqual({ signal: 'SIGSEGV', signal_number: 11 })
    expect(told(ended(11 | 0x80, ofThread))).toMatchObject({ core_dumped: true })
    expect(told(ended(9, ofThread))).toMatchObject({ core_dumped: false })
  })

  it('is not told where it is not known', () => {
    expect(told(ended(0, { statusKnown: false }))).toEqual({})
    expect(endingText(ended(0, { statusKnown: false }))).toBeUndefined()
  })
})
