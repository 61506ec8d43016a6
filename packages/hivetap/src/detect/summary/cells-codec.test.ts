import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CAUSES } from '../../probes/connects/cause.js'
import { OUTCOMES } from '../observation.js'
import { SketchPool } from '../sketch/sketch-pool.js'
import { DetectStateError } from '../state/state-error.js'
import { decodeCells, encodeCells } from './cells-codec.js'
import { sizeOfCell } from './connect-summary.js'

const kind = fc.record({ outcome: fc.constantFrom(...OUTCOMES), cause: fc.constantFrom(...CAUSES) })
const cells = fc.uniqueArray(fc.tuple(kind, fc.nat(1000), fc.array(fc.nat(10_000_000), { maxLength: 50 })), {
  selector: ([{ outcome, cause }]) => `${outcome} ${cause}`,
  maxLength: 20,
})

function encoded(of: readonly [object, number, readonly number[]][]): Uint8Array {
  const pool = new SketchPool()
  return encodeCells(
    of.map(([named, untimed, latencies]) => {
      const sketch = pool.create()
      for (const latency of latencies) pool.add(sketch, latency, 1)
      return { ...(named as { outcome: 'reset'; cause: 'host' }), untimed, sketch: pool.encode(sketch) }
    }),
  )
}

it('reads what was written', () => {
  fc.assert(
    fc.property(cells, (written) => {
      const read = decodeCells(encoded(written))
      expect(read.map(({ outcome, cause, untimed }) => ({ outcome, cause, untimed }))).toEqual(
        written.map(([named, untimed]) => ({ ...named, untimed })),
      )
      expect(read.map(sizeOfCell)).toEqual(
        written.map(([, untimed, latencies]) => untimed + latencies.length),
      )
    }),
  )
})

it('ends at bytes that are none with an error of its own', () => {
  const whole = encoded([[{ outcome: 'connected', cause: 'network' }, 3, [100, 200, 90_000]]])
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
          const changed = whole.slice()
          changed[at] = byte
          return changed
        }),
        fc.nat(whole.length - 1).map((length) => whole.slice(0, length)),
      ),
      (bytes) => {
        try {
          decodeCells(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DetectStateError)
        }
      },
    ),
    { numRuns: 2000 },
  )
  const twice = [
    [{ outcome: 'reset', cause: 'host' }, 1, []],
    [{ outcome: 'reset', cause: 'host' }, 1, []],
  ] as const
  expect(() => decodeCells(encoded(twice as never))).toThrow('two cells are of one kind')
})
