import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOW_US, readConnects } from '../../../../../test/support/read-connects.js'
import { CAUSES } from '../../probes/connects/cause.js'
import { OUTCOMES } from '../observation.js'
import { detectReader } from './detect-reader.js'

const piece = fc.oneof(
  fc.constantFrom(
    'PID COMM IP SADDR DADDR DPORT LAT(ms)\n',
    'TIME T PID COMM DADDR DPORT\n',
    'TIME,PID,COMM,DADDR,DPORT,MS\n',
  ),
  fc.constantFrom(
    'SKADDR PID COMM LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE MS\n',
    'DEST LATENCY COMM\n',
    'COMM PID DADDR\n',
  ),
  fc.constantFrom(
    '12:00:00 ',
    '1.5 ',
    '12 ',
    'C ',
    '10.0.0.1 ',
    '::1 ',
    '[::1]:80 ',
    'SYN_SENT ',
    '-> ',
    'CLOSE ',
    'refused',
    '\n',
  ),
  fc.constantFrom(
    '{"destination_address":"::1",',
    '"destination_port":80,',
    '"latency_us":5}',
    '"record":1}',
    '{',
    '}',
    '\0',
    '\r\n',
  ),
  fc.constantFrom('\u001b[31m', '\u001b]', ',', '"', '\\', '\t', ' ', '9'.repeat(30), '-', 'é', '�'),
  fc.string({ maxLength: 5 }),
)
const bytes = fc.oneof(
  fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
  fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
)

describe('what anyone may write', () => {
  it('is counted once a line, and gives no connect that cannot be', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 50 }), (input, size) => {
        const { connects, counts } = readConnects(input, { piece: size })
        const unreadable = [...counts.unreadable.values()].reduce((sum, count) => sum + count, 0)
        const lines = input.toString('latin1').split('\n')
        expect(counts.lines).toBe(lines.length - (lines.at(-1) === '' ? 1 : 0))
        expect(counts.observations + counts.other + unreadable).toBe(counts.lines)
        expect(counts.observations).toBe(connects.length)
        for (const connect of connects) {
          expect(connect.timeUs).toBeGreaterThanOrEqual(0)
          expect(connect.timeUs).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER)
          expect(Number.isSafeInteger(connect.latencyUs) && connect.latencyUs >= -1).toBe(true)
          expect(Number.isSafeInteger(connect.pid) && connect.pid >= 0).toBe(true)
          expect(OUTCOMES).toContain(connect.outcome)
          expect(CAUSES).toContain(connect.cause)
          expect(connect.destination).toMatch(/^(\[[0-9a-f:.]+\](:\d+)?|[0-9a-f:.]+)$/i)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('may be a record of a topic', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const reader = detectReader({ take: () => undefined, nowUs: () => NOW_US })
        reader.readRecord(input, 0, NOW_US)
        expect(reader.counts.lines).toBe(1)
      }),
    )
  })
})
