import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditOf } from '../audit/audit.js'
import { auditJson } from '../audit/audit-json.js'
import { auditText } from '../audit/audit-text.js'
import { simulateFleet } from '../simulation/simulate-fleet.js'
import { connectionOptions } from '../sinks/kafka/secrets.js'
import { InputError } from '../topic/input-error.js'
import { auditCommand } from './audit-command.js'
import { auditFile } from './audit-input.js'
import { brokersOf } from './kafka-brokers.js'
import { brokerList } from './kafka-options.js'
import { duration, timeOrAgo } from './time-options.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-audit-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const fleet = (options: Parameters<typeof simulateFleet>[0]) =>
  [...simulateFleet({ nodes: 2, events: 120, ...options }).batches].flatMap(({ lines }) => lines).join('')
async function audit(path: string) {
  const { accountant, remarks, notes } = await auditFile(path, { graceMs: 180_000 })
  return auditOf(accountant, { remarks, notes })
}

/** What is said of a command line that is wrong. */
async function refusal(...args: readonly string[]): Promise<string> {
  const command = auditCommand()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  const error: unknown = await command.parseAsync(args, { from: 'user' }).catch((reason: unknown) => reason)
  if (!(error instanceof CommanderError)) throw new Error(`it was taken: ${args.join(' ')}`)
  return error.message
}

describe('hivetap audit --file', () => {
  it('audits lines, also where one is larger than what is read at once', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(3 << 20) })
    const found = await audit(
      file('long', `${long}\n\n${fleet({})}${'y'.repeat(17 << 20)}\n${fleet({ seed: 2 })}`),
    )
    expect(found.epochs.map(({ verdict }) => verdict)).toEqual(Array(8).fill('proven'))
    expect(found.counts.unreadable.get('version')).toEqual({ count: 1, places: ['line 1'] })
    expect(found.counts.unreadable.get('too_long')?.count).toBe(1)
  })

  it('takes a last line without an end, and any bytes', async () => {
    const lines = fleet({})
    expect((await audit(file('torn', lines.trimEnd()))).verdict).toBe('proven')
    const found = await audit(
      file('bytes', Buffer.concat([Buffer.from([0xff, 0, 10, 0x7b]), Buffer.from(`\n${lines}`)])),
    )
    expect(found.counts.unreadable.get('not_json')?.places).toEqual(['line 1', 'line 2'])
  })

  it('says what cannot be read', async () => {
    await expect(audit(join(folder, 'nothing'))).rejects.toThrow(InputError)
    await expect(audit(folder)).rejects.toThrow(/EISDIR/)
  })
})

describe('what is told of an audit', () => {
  it('holds no control character, whoever names a node, a sink or a tool', async () => {
    const [line = ''] = fleet({}).split('\n')
    const evil = (name: string, fields: object) =>
      JSON.stringify({ ...(JSON.parse(line) as object), host: `${name}\u001b[2J\r\u202e`, ...fields })
    const found = await audit(file('evil', `${line}\n${evil('a', {})}\n${evil('b', { tool: 'x\u0007' })}\n`))
    expect(found.verdict).toBe('contradiction')
    expect(auditText(found)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
    expect(auditText(found)).toContain('a?[2J??')
  })

  it('is sums that add up', async () => {
    const found = await audit(file('sums', fleet({ holes: 0.2, declaredLosses: 0.2 })))
    const { produced, received, lost, missing, under_way } = auditJson(found) as Record<string, number>
    expect(produced).toBe((received ?? 0) + (lost ?? 0) + (missing ?? 0) + (under_way ?? 0))
    expect(JSON.parse(JSON.stringify(auditJson(found)))).toMatchObject({ verdict: 'missing', exit_status: 7 })
    expect(auditText(found)).toContain(`${produced} produced = ${received} received`)
  })
})

describe('the command line of hivetap audit', () => {
  it.each([
    [[], /'--brokers' and '--topic' or '--file'/],
    [['--brokers', 'a:1'], /'--brokers' and '--topic' or '--file'/],
    [['--file', 'x', '--topic', 'y'], /cannot be used with/],
    [['--file', 'x', '--since', 'soon'], /not "soon"/],
    [['--file', 'x', '--since', '1h', '--until', '2h'], /'--since' is later/],
    [['--file', 'x', '--grace', '3'], /such as 90s/],
    [['--brokers', 'a', '--topic', 'y'], /such as kafka:9092, not "a"/],
    [['--brokers', 'a:1', '--topic', 'y/z'], /no name of a topic/],
    [['--brokers', 'a:1', '--topic', 'y', '--sasl-mechanism', 'NONE'], /plain, scram-sha-256/],
  ])('%j is refused', async (args, expected) => expect(await refusal(...args)).toMatch(expected))

  it('reads times and durations', () => {
    const time = timeOrAgo(Date.parse('2026-11-28T12:00:00Z'))
    expect(time('90m')).toBe(Date.parse('2026-11-28T10:30:00Z'))
    expect(time('2026-11-28T12:00:00+02:00')).toBe(Date.parse('2026-11-28T10:00:00Z'))
    expect(duration('7d')).toBe(7 * 86_400_000)
    for (const wrong of ['', '1', '1w', '-1h', '999999999d', '2026-11-28', '2026-99-28T12:00:00Z'])
      expect(() => time(wrong)).toThrow()
  })

  it('reads brokers', () => {
    expect(brokerList('a:1, [::1]:9092')).toEqual(['a:1', '[::1]:9092'])
    for (const wrong of ['', 'a', 'a:', 'a:1,', 'http://a:1']) expect(() => brokerList(wrong)).toThrow()
  })

  it('takes secrets from files and the environment, and says which is missing', async () => {
    const sasl = { saslMechanism: 'plain', saslUsername: 'agent' } as const
    const saslPasswordFile = file('password', 'geheim\n')
    const access = brokersOf({ brokers: ['a:1'], ...sasl, saslPasswordFile })
    expect(access).toMatchObject({ brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'agent' } })
    const { sasl: told } = await connectionOptions(access, { host: 'a', port: 1 })
    expect(told).toMatchObject({ mechanism: 'PLAIN', username: 'agent' })
    const password = told?.password as () => Promise<string>
    expect(await password()).toBe('geheim')
    expect(() => brokersOf({ brokers: ['a:1'], ...sasl })).toThrow(/password_file and password_env/)
    expect(brokersOf({ brokers: ['a:1'], tlsCaFile: 'ca' })).toMatchObject({ tls: { ca_file: 'ca' } })
  })

  it('holds a certificate against the name of each broker, against the one that was given, or against an address', async () => {
    const nameFor = async (host: string, tlsServerName?: string) => {
      const given = tlsServerName === undefined ? {} : { tlsServerName }
      const access = brokersOf({ brokers: ['kafka-1:9092'], tls: true, ...given })
      return (await connectionOptions(access, { host, port: 9092 })).tlsServerName
    }
    expect(await nameFor('kafka-1')).toBe('kafka-1')
    expect(await nameFor('kafka-2')).toBe('kafka-2')
    expect(await nameFor('10.0.0.1')).toBeUndefined()
    expect(await nameFor('::1')).toBeUndefined()
    expect(await nameFor('10.0.0.1', 'kafka.example')).toBe('kafka.example')
  })
})
