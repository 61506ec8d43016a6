import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../agent/config/config-error.js'
import { readYaml } from '../../agent/config/read-yaml.js'
import { AlertRelay } from '../../delivery/alerts/alert-relay.js'
import { DetectStateError } from '../../detect/state/state-error.js'
import { detectFileSchema } from './config.js'
import { Watch } from './watch.js'

/** `HIVETAP_FUZZ_LINES=1000000` makes it a long one. */
const LINES = Number(process.env['HIVETAP_FUZZ_LINES'] ?? 20_000)
const START_MS = Date.parse('2026-01-05T00:00:00Z')

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-fuzz-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function watch(
  rules: readonly object[],
  more: { readonly stateFile?: string; readonly maxKeys?: number } = {},
): Watch {
  const {
    alerts: _,
    state_file: __,
    ...detection
  } = detectFileSchema.parse({
    rules,
    max_keys: more.maxKeys ?? 100,
  })
  const relay = new AlertRelay([], { changed: () => undefined, lost: () => undefined })
  return new Watch({ detection, relay, stateFile: more.stateFile })
}

const RULES = [
  { kind: 'over', over: '100ms', window: '10s' },
  { kind: 'baseline', window: '10s', min_history: 3, min_connects: 1 },
  { kind: 'failures', by: ['host'], min_connects: 0, min_bad: 1 },
]

function line(index: number, latencyUs: number, port = 443, outcome = 'connected'): string {
  const time = new Date(START_MS + index * 1000).toISOString()
  const of = {
    time,
    tool: 'tcpconnlat',
    host: 'n1',
    pid: 1,
    comm: 'curl',
    latency_us: latencyUs,
    outcome,
    cause: 'network',
  }
  return `${JSON.stringify({ ...of, destination_address: '10.0.0.1', destination_port: port })}\n`
}

describe('what detection remembers', () => {
  it('is taken up, or refused with one kind of error, wherever a byte of it is another', async () => {
    const stateFile = join(directory, 'state')
    const before = watch(RULES, { stateFile })
    for (let index = 0; index < 200; index++)
      before.reader.take(
        Buffer.from(
          line(index, index > 150 ? 900_000 : 1000 + index, 443, index % 50 === 0 ? 'refused' : 'connected'),
        ),
      )
    await before.save(null)
    const whole = readFileSync(stateFile)
    const damaged = join(directory, 'damaged')
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, byte, isCut) => {
        const bytes = Buffer.from(isCut ? whole.subarray(0, at) : whole)
        if (!isCut) bytes[at] = byte
        writeFileSync(damaged, bytes)
        const after = watch(RULES, { stateFile: damaged })
        try {
          await after.restore()
        } catch (error) {
          expect(error).toBeInstanceOf(DetectStateError)
          expect(String(error)).toContain(damaged)
        }
        // Whatever it took up, it goes on, and comes to an end.
        for (let index = 200; index < 230; index++) after.reader.take(Buffer.from(line(index, 1000)))
        after.detector.finish()
        after.detector.takeAlerts()
      }),
      { numRuns: 200 },
    )
  }, 60_000)

  it('is not taken up where it was learnt by a clock that was ahead', async () => {
    const stateFile = join(directory, 'ahead')
    const before = watch(RULES, { stateFile })
    before.detector.pass({ stream: 0, timeUs: (Date.now() + 86_400_000) * 1000 } as never)
    await before.save(null)
    await expect(watch(RULES, { stateFile }).restore()).rejects.toThrow('of a time yet to come')
  })
})

describe('a file of rules that anyone wrote', () => {
  const words = [
    'rules',
    'kind',
    'over',
    'failures',
    'baseline',
    'by',
    'where',
    'window',
    'alerts',
    'type',
    'stdout',
  ]
  const word = fc.constantFrom(
    ...words,
    '1s',
    '-',
    ':',
    '{',
    '}',
    '[',
    ']',
    '\n',
    '\n  ',
    ' ',
    '&a',
    '*a',
    '"',
    '#',
    '1e999',
  )
  const text = fc
    .array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 60 })
    .map((parts) => parts.join(''))
  const value = fc.object({ key: fc.constantFrom(...words), maxDepth: 4 }).map((one) => JSON.stringify(one))

  it('is read, or refused with what is wrong', async () => {
    const path = join(directory, 'rules.yaml')
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, value), async (written) => {
        writeFileSync(path, written)
        try {
          await readYaml(detectFileSchema, path)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
      { numRuns: 200 },
    )
  }, 60_000)
})

describe('lines that anyone wrote', () => {
  it('are each counted once, and what is kept of them has its bound', () => {
    const maxKeys = 50
    const one = watch(RULES, { maxKeys })
    let index = 0
    const numbers = fc.sample(fc.nat(0xffff), { numRuns: 4096, seed: 7 })
    const junk = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 512, seed: 7 })
    const header = 'PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)\n'
    for (; index < LINES; index++) {
      const number = numbers[(index * 31) % numbers.length] as number
      const event = line(index >> 4, number * 10, number, number % 7 === 0 ? 'refused' : 'connected')
      const cut = event.slice(0, number % event.length)
      const odd = (junk[number % junk.length] as string).replaceAll('\n', ' ')
      const written = [
        event,
        `${cut.trimEnd()}\n`,
        `${odd}\n`,
        event,
        header,
        `${number} a b 4 1.2.3.4 ::1 ${number} ${odd}\n`,
      ]
      one.reader.take(Buffer.from(written[index % written.length] as string))
      // Those that are being counted are not thrown out: there are so many in the windows that are open.
      expect(one.detector.keys.size).toBeLessThanOrEqual(2 * Math.ceil(maxKeys * 1.25))
    }
    one.reader.end()
    one.detector.finish()
    const { lines, observations, other, unreadable } = one.reader.counts
    const bad = [...unreadable.values()].reduce((sum, count) => sum + count, 0)
    expect(observations + other + bad).toBe(lines)
    expect(lines).toBe(index)
    expect(one.detector.keys.evicted).toBeGreaterThan(0)
  }, 600_000)
})
