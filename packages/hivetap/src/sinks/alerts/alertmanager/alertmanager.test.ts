import { afterEach, describe, expect, it, vi } from 'vitest'
import { alertContext, alertOf } from '../../../../../../test/support/alerts.js'
import {
  type Cleanups,
  cleanUp,
  httpServer,
  rawServer,
  status,
} from '../../../../../../test/support/http-server.js'
import { AlertsRefused } from '../../../delivery/alerts/alerts-refused.js'
import { alertmanagerKind } from './alertmanager.js'
import type { AlertmanagerSink } from './alertmanager-sink.js'

const { signal } = new AbortController()
const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

async function sinkTo(
  urls: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
  notes: string[] = [],
): Promise<AlertmanagerSink> {
  const config = alertmanagerKind.config.parse({ type: 'alertmanager', urls, timeout: '5s', ...options })
  const sink = (await alertmanagerKind.create(config, alertContext(notes))) as AlertmanagerSink
  cleanups.push(() => sink.close())
  return sink
}

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => alertOf({ alert_id: `a${index}`, key: { host: `h${index}` } }))
const postedIn = (body: Buffer) =>
  JSON.parse(body.toString()) as { labels: Record<string, string>; endsAt?: string }[]

describe('a server that is no Alertmanager', () => {
  it.each([
    [301, 'redirected', false],
    [307, 'redirected', false],
    [401, 'authentication_failed', false],
    [404, 'address_wrong', false],
    [429, 'rate_limited', true],
    [500, 'server_failed', true],
    [503, 'server_failed', true],
  ])('%i: is %s, passing %s', async (code, kind, passing) => {
    const elsewhere = await httpServer(status(200, ''), cleanups)
    const { url, received } = await httpServer(
      (_, response) => response.writeHead(code, { location: elsewhere.url }).end(),
      cleanups,
    )
    const sink = await sinkTo([url])
    await expect(sink.tell([alertOf()], signal)).rejects.toMatchObject({ kind, passing })
    expect(received[0]).toMatchObject({ method: 'POST', path: '/in/api/v2/alerts' })
    expect(elsewhere.received).toEqual([])
  })

  it('says 200 to anything: that is not taken for an answer', async () => {
    const { url } = await httpServer(
      (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>\u001b[31mHello</h1>'),
      cleanups,
    )
    const sink = await sinkTo([url])
    const telling = expect(sink.tell([alertOf()], signal)).rejects
    await telling.toMatchObject({ kind: 'answer_unexpected', passing: false })
    await expect(sink.tell([alertOf()], signal)).rejects.toThrow(
      'not as Alertmanager does: <h1>?[31mHello</h1>. Look at urls',
    )
  })

  it.each([
    ['answers garbage', 'answer_unreadable', '\0\u0001garbage\r\n\r\n'],
    ['hangs up', 'unreachable', ''],
  ])('%s: is %s', async (_, kind, said) => {
    const sink = await sinkTo([await rawServer((socket) => socket.end(said), cleanups)])
    await expect(sink.tell([alertOf()], signal)).rejects.toMatchObject({ kind, passing: true })
  })

  it('drips an answer without end: is given up', async () => {
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x-a: 1\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    }, cleanups)
    const sink = await sinkTo([url], { timeout: '300ms' })
    await expect(sink.tell([alertOf()], signal)).rejects.toMatchObject({ kind: 'timed_out', passing: true })
  })

  it('says nothing: the sink closes all the same', async () => {
    const sink = await sinkTo([await rawServer(() => undefined, cleanups)])
    const telling = expect(sink.tell([alertOf()], signal)).rejects.toMatchObject({ name: 'Error' })
    await sink.close()
    await telling
  })
})

describe('alerts that are not taken', () => {
  it('400: are refused, for good', async () => {
    const { url } = await httpServer(status(400, 'bad'), cleanups)
    const sink = await sinkTo([url])
    const telling = sink.tell(many(3), signal)
    await expect(telling).rejects.toBeInstanceOf(AlertsRefused)
    await expect(telling).rejects.toMatchObject({ refused: many(3) })
  })

  it('are not refused as long as another takes them, or may', async () => {
    const bad = await httpServer(status(400), cleanups)
    const good = await httpServer(status(200, ''), cleanups)
    const away = await httpServer(status(503), cleanups)
    await (await sinkTo([bad.url, good.url])).tell([alertOf()], signal)
    await expect((await sinkTo([bad.url, away.url])).tell([alertOf()], signal)).rejects.toMatchObject({
      kind: 'server_failed',
    })
  })

  it('413: go in halves', async () => {
    const { url, received } = await httpServer(
      ({ body }, response) => response.writeHead(postedIn(body).length > 10 ? 413 : 200).end(),
      cleanups,
    )
    await (await sinkTo([url])).tell(many(40), signal)
    const taken = received.map(({ body }) => postedIn(body)).filter((posted) => posted.length <= 10)
    expect(new Set(taken.flat().map(({ labels }) => labels['host'])).size).toBe(40)
  })
})

describe('alerts that are open', () => {
  it('are told again so many at most: more are told once, and counted; one that is over makes room', async () => {
    const { url, received } = await httpServer(status(200, ''), cleanups)
    const sink = await sinkTo([url], { max_open: 3, resend: '1s' })
    const all = many(5)
    await sink.tell(all, signal)
    expect(postedIn(received[0]?.body ?? Buffer.of())).toHaveLength(5)
    expect(sink.counters).toMatchObject({ open: 3, unkept: 2 })
    await sink.tell([alertOf({ ...all[0], state: 'resolved' }), alertOf({ alert_id: 'b' })], signal)
    expect(sink.counters.open).toBe(3)
    await vi.waitUntil(() => sink.counters.resent > 0, { timeout: 5000 })
    expect(postedIn(received.at(-1)?.body ?? Buffer.of())).toHaveLength(3)
  })

  it('are not told at all where there are none', async () => {
    const { url, received } = await httpServer(status(200, ''), cleanups)
    const sink = await sinkTo([url], { resend: '1s' })
    await sink.tell([alertOf()], signal)
    await sink.tell([alertOf({ state: 'resolved' })], signal)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(received.map(({ body }) => postedIn(body).map(({ endsAt }) => endsAt))).toEqual([
      [undefined],
      ['2026-11-28T03:13:00.000Z'],
    ])
  })
})

describe('the configuration of Alertmanagers', () => {
  const base = { type: 'alertmanager', urls: ['https://example.org/am/'] }

  it.each([
    [{ urls: [] }],
    [{ urls: ['ftp://example.org'] }],
    [{ urls: ['https://me:secret@example.org'] }],
    [{ labels: { 'a-b': 'c' } }],
    [{ labels: { __name__: 'c' } }],
    [{ labels: { severity: 'c' } }],
    [{ auth: {} }],
    [{ auth: { username: 'us' } }],
    [{ auth: { username: 'a:b', password_env: 'P' } }],
    [{ auth: { username: 'us', password_env: 'P', password_file: 'f' } }],
    [{ auth: { username: 'us', password_env: 'P', token_env: 'T' } }],
    [{ auth: { token_env: 'T', token_file: 'f' } }],
    [{ auth: { password: 'secret' } }],
    [{ cert_file: '/a' }],
    [{ resend: '2h' }],
  ])('refuses %j', (wrong) => {
    expect(alertmanagerKind.config.safeParse({ ...base, ...wrong }).success).toBe(false)
  })

  it('takes what is right', () => {
    const right = { ...base, labels: { team: 'network' }, auth: { token_env: 'T' }, resend: '30s' }
    expect(alertmanagerKind.config.parse(right)).toMatchObject({ resend: 30_000, max_open: 10_000 })
  })
})
