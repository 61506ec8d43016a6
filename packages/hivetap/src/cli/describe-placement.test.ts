import { MemlockError } from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import { execsnoop } from '../probes/execsnoop/execsnoop.js'
import type { Attached } from '../probes/tool.js'
import { describePlacement } from './describe-placement.js'

describe('what is said of how a tool was attached', () => {
  it('says what it does with less where locked memory is short', () => {
    const sizes = execsnoop.sizes.at(-1)
    const session = { placement: { rung: 'tp_btf', buffer: 'ringbuf', sizes }, missing: new Map() }
    const reduced = new MemlockError(
      'Cannot create map scratch',
      { number: 1, name: 'EPERM' },
      { hint: 'Raise it.' },
    )
    const opened = { session: session as unknown as Attached, refusals: [], reduced }
    expect(describePlacement(execsnoop, opened, false)).toBe(
      'hivetap: locked memory is short: following at most 16 execs at once instead of 1024, keeping at most 1920 bytes of text of each instead of 20480. Raise it.\n',
    )
  })
})
