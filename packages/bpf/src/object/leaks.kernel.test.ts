import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { copy, exit } from '../../../../test/support/code.js'
import { numbered } from '../../../../test/support/emitter.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { canRunPrograms } from '../../../../test/support/test-run.js'
import { u32, u64 } from '../bindings/scalars.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import { VerifierError } from '../program/verifier-error.js'
import { LoopbackSocket } from '../sys/loopback.js'
import { openTracefs } from '../sys/tracefs.js'
import { loadObject } from './load-object.js'

/** Memory of this process that stays when what is not used is given back. */
function residentBytes(collect: () => void): number {
  collect()
  collect()
  return process.memoryUsage().rss
}

const tracefs = openTracefs()
if (tracefs.path !== undefined) tracefs.close()
const PROGRAMS = [
  ...(openKernelBtf() === undefined ? [] : ['typed']),
  'raw',
  ...(tracefs.path === undefined ? [] : ['record']),
]

describeKernelIf(canRunPrograms())('two hundred times', () => {
  it('loaded, attached, hit, read and closed leave nothing: no descriptor, nothing in the kernel, no memory', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const before = [kernelState(), openFiles()] as const
    let warm = 0
    for (let round = 0; round < 200; round++) {
      const program = PROGRAMS[round % PROGRAMS.length] ?? 'raw'
      using object = loadObject(readFixture('hooks'), {
        programs: [program],
        constants: { pid: process.pid },
      })
      object.program(program).attach()
      using socket = new LoopbackSocket()
      socket.bind(true)
      expect(object.map('hits', u32, u64).get(0)).toBe(1n)
      const kind = round % 2 === 0 ? 'ringbuf' : 'perf_event_array'
      using emitter = loadObject(readFixture('ladder'), {
        programs: ['raw'],
        constants: { ring_buffer: kind === 'ringbuf' },
        maps: { events: kind === 'ringbuf' ? {} : { kind, maxEntries: 0 } },
      })
      const records = emitter.records('events', numbered(24))
      const waiting = records.wait()
      emitter.program('raw').attach()
      records.close()
      await waiting
      if (round === 50) warm = residentBytes(collect)
    }
    expect(openFiles()).toEqual(before[1])
    await expectNothingLeft(before[0])
    // A ring buffer that stayed mapped is 64 KiB, a perf buffer 256 KiB for each CPU: a hundred and fifty would be seen.
    expect(residentBytes(collect) - warm).toBeLessThan(24 << 20)
  }, 300_000)

  it('refused half-way leave nothing', async () => {
    const before = [kernelState(), openFiles()] as const
    for (let round = 0; round < 200; round++) {
      const spec = readFixture('hooks')
      const last = spec.functions.get('reads_too_far')
      if (last !== undefined) last.code = [copy(0, 7), exit()]
      expect(() => loadObject(spec, { programs: ['raw', 'reads_too_far'] })).toThrow(VerifierError)
    }
    expect(openFiles()).toEqual(before[1])
    await expectNothingLeft(before[0])
  }, 300_000)
})
