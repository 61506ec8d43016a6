import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  Alertmanager,
  type AlertmanagerOptions,
} from '../../../../../../test/support/alertmanager/alertmanager.js'
import { alertContext, alertOf } from '../../../../../../test/support/alerts.js'
import { type Cleanups, cleanUp, httpServer } from '../../../../../../test/support/http-server.js'
import type { Alert } from '../../../detect/alert.js'
import { alertmanagerKind } from './alertmanager.js'
import type { AlertmanagerSink } from './alertmanager-sink.js'

const { signal } = new AbortController()
const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

async function started(options?: AlertmanagerOptions): Promise<Alertmanager> {
  const alertmanager = new Alertmanager(options)
  cleanups.push(() => alertmanager.close())
  await alertmanager.start()
  return alertmanager
}

async function sinkTo(
  urls: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
  notes: string[] = [],
): Promise<AlertmanagerSink> {
  const config = alertmanagerKind.config.parse({ type: 'alertmanager', urls, ...options })
  const sink = (await alertmanagerKind.create(config, alertContext(notes))) as AlertmanagerSink
  cleanups.push(() => sink.close())
  return sink
}

/** Alerts of now: Alertmanager forgets what was over long ago. */
function now(fields: Partial<Omit<Alert, 'summary'>> = {}): Alert {
  const ms = Date.now()
  const since = new Date(ms - 60_000).toISOString()
  return alertOf({ since, time: new Date(ms).toISOString(), ...fields })
}

const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 30_000, interval: 100 })

describe('what Alertmanager has', () => {
  it('is each alert with its labels, from open to resolved, as it and amtool tell it', async () => {
    const alertmanager = await started()
    const sink = await sinkTo([alertmanager.url], { labels: { team: 'network' } })
    const open = now()
    await sink.tell([open, now({ alert_id: 'a2', rule: 'other', kind: 'failures', key: {} })], signal)
    const seen = await alertmanager.alerts()
    expect(seen.map(({ labels }) => labels['alertname']).sort()).toEqual([
      'HivetapFailingConnects',
      'HivetapSlowConnects',
    ])
    expect(seen.find(({ labels }) => labels['rule'] === 'slow-db')).toMatchObject({
      labels: {
        ...{ alertname: 'HivetapSlowConnects', severity: 'critical', rule: 'slow-db', kind: 'over' },
        ...{ source: 'web', destination: 'db:5432', team: 'network' },
      },
      annotations: {
        summary: open.summary,
        description: expect.stringContaining('likely cause: SYN lost') as string,
        examples: expect.stringContaining('web[4711] on node-1') as string,
        alert_id: 'a1',
      },
      startsAt: open.since,
      status: { state: 'active' },
    })
    expect(alertmanager.amtool()).toHaveLength(2)

    await sink.tell([now({ state: 'update', observed: 2_000_000, since: open.since })], signal)
    const updated = (await alertmanager.alerts()).find(({ labels }) => labels['rule'] === 'slow-db')
    expect(updated?.annotations['summary']).toContain('Worse: slow connects')
    expect(updated?.startsAt).toBe(open.since)

    await sink.tell([now({ state: 'resolved', since: open.since })], signal)
    expect((await alertmanager.alerts()).map(({ labels }) => labels['rule'])).toEqual(['other'])
    expect(sink.counters.open).toBe(1)
  })

  it('is notified of: firing, then resolved, and what came again with a new beginning', async () => {
    const receiver = await httpServer((_, response) => response.writeHead(200).end(), cleanups)
    const alertmanager = await started({ notify: receiver.url })
    const sink = await sinkTo([alertmanager.url])
    const told = () =>
      receiver.received
        .flatMap(
          ({ body }) =>
            (JSON.parse(body.toString()) as { alerts: { status: string; startsAt: string }[] }).alerts,
        )
        // Its notifications have no zeros at the end of a fraction.
        .map(({ status, startsAt }) => ({ status, startsAt: new Date(startsAt).toISOString() }))
    const first = now()
    await sink.tell([first], signal)
    await until(() => told().length === 1)
    await sink.tell([now({ state: 'resolved', since: first.since })], signal)
    await until(() => told().length === 2)
    const later = new Date().toISOString()
    await sink.tell([now({ alert_id: 'later', since: later })], signal)
    await until(() => told().length === 3)
    expect(told()).toEqual([
      { status: 'firing', startsAt: first.since },
      { status: 'resolved', startsAt: first.since },
      { status: 'firing', startsAt: later },
    ])
  })

  it('has hostile names as labels, and two that look alike as two', async () => {
    const alertmanager = await started()
    const sink = await sinkTo([alertmanager.url])
    const names = [
      'a\u0001',
      'a\u0002',
      '"}]\n',
      '\ud800',
      '\u202e',
      'x'.repeat(5000),
      `${'x'.repeat(5000)}y`,
      '\u{1f600}'.repeat(150),
    ]
    await sink.tell(
      names.map((comm, index) => now({ alert_id: `a${index}`, key: { comm } })),
      signal,
    )
    const seen = await alertmanager.alerts()
    expect(seen).toHaveLength(names.length)
    for (const { labels } of seen) expect(labels['comm']?.length).toBeLessThanOrEqual(200)
    await sink.tell(
      names.map((comm, index) => now({ alert_id: `a${index}`, key: { comm }, state: 'resolved' })),
      signal,
    )
    expect(await alertmanager.alerts()).toEqual([])
  })

  it('is one alert where its severity changes: the one with the old label ends', async () => {
    const alertmanager = await started()
    const sink = await sinkTo([alertmanager.url])
    await sink.tell([now({ severity: 'warning' })], signal)
    await sink.tell([now({ state: 'update', severity: 'critical' })], signal)
    expect((await alertmanager.alerts()).map(({ labels }) => labels['severity'])).toEqual(['critical'])
    await sink.tell([now({ state: 'resolved', severity: 'critical' })], signal)
    expect(await alertmanager.alerts()).toEqual([])
  })

  it('takes alerts of hosts whose clocks are ahead, and takes them for over when they are', async () => {
    const alertmanager = await started()
    const sink = await sinkTo([alertmanager.url])
    const [since, time] = [3_600_000, 3_660_000].map((ms) => new Date(Date.now() + ms).toISOString())
    await sink.tell([alertOf({ since: since ?? '', time: time ?? '' })], signal)
    expect(await alertmanager.alerts()).toHaveLength(1)
    await sink.tell([alertOf({ since: since ?? '', time: time ?? '', state: 'resolved' })], signal)
    await until(async () => (await alertmanager.alerts()).length === 0)
  })

  it('is taken in many requests where there are many', async () => {
    const alertmanager = await started()
    const sink = await sinkTo([alertmanager.url])
    const many = Array.from({ length: 500 }, (_, index) =>
      now({ alert_id: `a${index}`, key: { destination: `d${index}` } }),
    )
    await sink.tell(many, signal)
    expect(await alertmanager.alerts()).toHaveLength(500)
  })
})

describe('alerts that are open', () => {
  it('stay so past resolve_timeout, as long as the sink is there', async () => {
    const alertmanager = await started({ resolveTimeout: '3s' })
    const sink = await sinkTo([alertmanager.url], { resend: '1s' })
    await sink.tell([now()], signal)
    const [first] = await alertmanager.alerts()
    await until(async () => {
      const [seen] = await alertmanager.alerts()
      expect(seen).toBeDefined()
      return Date.parse(seen?.endsAt ?? '') > Date.parse(first?.endsAt ?? '') + 3000
    })
    expect(sink.counters.resent).toBeGreaterThanOrEqual(3)
    await sink.close()
    await until(async () => (await alertmanager.alerts()).length === 0)
  })

  it('are taken up again by the next process', async () => {
    const alertmanager = await started({ resolveTimeout: '3s' })
    const open = now()
    const before = await sinkTo([alertmanager.url], { resend: '1s' })
    await before.tell([open], signal)
    await before.close()
    const after = await sinkTo([alertmanager.url], { resend: '1s' })
    after.resume([open, now({ alert_id: 'over', state: 'resolved' })])
    await until(() => after.counters.resent >= 4)
    expect(await alertmanager.alerts()).toMatchObject([{ startsAt: open.since }])
    await after.tell([now({ state: 'resolved', since: open.since })], signal)
    expect(await alertmanager.alerts()).toEqual([])
  })
})

describe('an Alertmanager that is away', () => {
  it('is told what is open when it is back', async () => {
    const alertmanager = await started()
    const notes: string[] = []
    const sink = await sinkTo([alertmanager.url], { resend: '1s' }, notes)
    await sink.tell([now()], signal)
    await alertmanager.stop()
    const second = now({ alert_id: 'a2', rule: 'second' })
    await expect(sink.tell([second], signal)).rejects.toMatchObject({ kind: 'unreachable', passing: true })
    await alertmanager.start()
    await until(async () => (await alertmanager.alerts()).length === 2)
    await sink.tell([second], signal)
    expect(notes).toEqual([
      expect.stringContaining('ECONNREFUSED'),
      `http://${alertmanager.address}/api/v2/alerts takes alerts again`,
    ])
  })

  it('holds up no other, and is told later what it missed: the end too', async () => {
    const [one, two] = [await started(), await started()]
    const sink = await sinkTo([one.url, two.url], { resend: '1s', timeout: '500ms' })
    await sink.tell([now({ rule: 'ends' }), now({ alert_id: 'a2' })], signal)
    expect([(await one.alerts()).length, (await two.alerts()).length]).toEqual([2, 2])
    two.freeze()
    await sink.tell([now({ rule: 'ends', state: 'resolved' })], signal)
    await sink.tell([now({ alert_id: 'a3', rule: 'begins' })], signal)
    expect((await one.alerts()).map(({ labels }) => labels['rule']).sort()).toEqual(['begins', 'slow-db'])
    two.thaw()
    await until(async () => {
      const rules = (await two.alerts()).map(({ labels }) => labels['rule']).sort()
      return rules.join() === 'begins,slow-db'
    })
    expect(sink.counters.failures.get('timed_out')).toBeGreaterThan(0)
  })
})

describe('who we are to it', () => {
  /** Of the password `hush`, by bcrypt. */
  const HASH = '$2b$04$3gi7yMNeTucm/xR2XhOpaeQtRASEHTcsfl1JiPSEdNBJr1X4rla6S'

  it('is said by a password from the environment', async () => {
    const alertmanager = await started({ web: `basic_auth_users: {us: '${HASH}'}\n` })
    vi.stubEnv('HIVETAP_TEST_PASSWORD', 'wrong')
    cleanups.push(() => vi.unstubAllEnvs())
    const sink = await sinkTo([alertmanager.url], {
      auth: { username: 'us', password_env: 'HIVETAP_TEST_PASSWORD' },
    })
    await expect(sink.tell([now()], signal)).rejects.toMatchObject({
      kind: 'authentication_failed',
      passing: false,
    })
    vi.stubEnv('HIVETAP_TEST_PASSWORD', 'hush')
    await sink.tell([now()], signal)
    expect(sink.counters.open).toBe(1)
  })

  it('is asked over TLS, and it is checked against authorities of our own', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-alertmanager-tls-'))
    cleanups.push(() => rmSync(directory, { recursive: true }))
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    const how =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -addext subjectAltName=IP:127.0.0.1 -subj /CN=am'
    execFileSync('openssl', [...how.split(' '), '-out', cert, '-keyout', key], { stdio: 'ignore' })
    const web = `tls_server_config: {cert_file: ${cert}, key_file: ${key}}\nbasic_auth_users: {us: '${HASH}'}\n`
    const alertmanager = await started({ web })
    const url = `https://${alertmanager.address}`
    await expect((await sinkTo([url])).tell([now()], signal)).rejects.toMatchObject({ kind: 'tls_failed' })
    await expect((await sinkTo([alertmanager.url])).tell([now()], signal)).rejects.toMatchObject({
      kind: 'refused',
    })
    const password_file = join(directory, 'password')
    writeFileSync(password_file, 'hush\n')
    const sink = await sinkTo([url], { ca_file: cert, auth: { username: 'us', password_file } })
    await sink.tell([now()], signal)
  })
})
