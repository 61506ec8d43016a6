import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { alertContext, alertOf, episode } from '../../../../../../test/support/alerts.js'
import { type Cleanups, cleanUp, httpServer, status } from '../../../../../../test/support/http-server.js'
import type { AlertSink } from '../../../detect/alert.js'
import { webhookAlertsKind } from './webhook-alerts.js'

const { signal } = new AbortController()
const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

async function sinkOf(options: Readonly<Record<string, unknown>>): Promise<AlertSink> {
  const config = webhookAlertsKind.config.parse({ type: 'webhook', timeout: '5s', ...options })
  const sink = await webhookAlertsKind.create(config, alertContext())
  cleanups.push(() => sink.close())
  return sink
}

function file(name: string, content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'hivetap-alerts-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, name), content)
  return join(directory, name)
}

const ok = status(200, 'ok')

describe('alerts to a webhook', () => {
  it('are a request each, as JSON unless something else is asked for', async () => {
    const { url, received } = await httpServer(ok, cleanups)
    await (await sinkOf({ url })).tell(episode('a'), signal)
    expect(received.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual(episode('a'))
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'a-open-2026-11-28T03:13:00.000000Z',
    })
  })

  it('are what a template makes of them: that of Slack, or one from a file or the configuration', async () => {
    const { url, received } = await httpServer(ok, cleanups)
    const bodies = () =>
      received.splice(0).map(({ body, headers }) => [headers['content-type'], body.toString()])
    await (await sinkOf({ url, template: 'slack' })).tell([alertOf()], signal)
    expect(JSON.parse(bodies()[0]?.[1] ?? '')).toMatchObject({ text: alertOf().summary })
    await (await sinkOf({ url, template_file: file('t', '{"is": {{bad}}}') })).tell([alertOf()], signal)
    expect(bodies()).toEqual([['application/json', '{"is": 12}']])
    const text = { template_text: '{{rule}} is {{state}}', content_type: 'text/plain; charset=utf-8' }
    await (await sinkOf({ url, ...text })).tell([alertOf({ rule: '"a"' })], signal)
    expect(bodies()).toEqual([['text/plain; charset=utf-8', '"a" is open']])
  })

  it('are refused at the start where the template cannot be used', async () => {
    const url = 'http://127.0.0.1:1/'
    await expect(sinkOf({ url, template_text: '{"a": "{{sumary}}"}' })).rejects.toThrow(
      'template:1:8: there is no field "sumary"; did you mean summary?',
    )
    await expect(sinkOf({ url, template_file: '/nowhere' })).rejects.toThrow('Cannot read /nowhere')
  })

  it('that were told are not told again when a later one has failed', async () => {
    let count = 0
    const { url, received } = await httpServer(
      (_, response) => response.writeHead(++count === 2 ? 500 : 200).end(),
      cleanups,
    )
    const sink = await sinkOf({ url })
    const alerts = episode('a')
    await expect(sink.tell(alerts, signal)).rejects.toMatchObject({ kind: 'server_failed', passing: true })
    await sink.tell(alerts, signal)
    const states = received.map(({ body }) => (JSON.parse(body.toString()) as { state: string }).state)
    expect(states).toEqual(['open', 'update', 'update', 'resolved'])
  })

  it('that the server never takes are told apart: the others are out', async () => {
    const { url, received } = await httpServer(
      ({ body }, response) => response.writeHead(body.includes('"update"') ? 422 : 200).end('no'),
      cleanups,
    )
    const alerts = episode('a')
    await expect((await sinkOf({ url })).tell(alerts, signal)).rejects.toMatchObject({
      kind: 'refused',
      refused: [alerts[1]],
      message: 'webhook does not take 1 alerts, the first of them a (update): it answered 422: no',
    })
    expect(received).toHaveLength(3)
  })

  it('go to an address from a file, read anew, of which only the host is told', async () => {
    const one = await httpServer(status(404), cleanups)
    const two = await httpServer(ok, cleanups)
    const url_file = file('url', `${one.url}/T000/secret\n`)
    const sink = await sinkOf({ url_file })
    const telling = sink.tell([alertOf()], signal)
    await expect(telling).rejects.toMatchObject({ kind: 'address_wrong', passing: false })
    await expect(telling).rejects.toThrow(`${new URL(one.url).origin}/… answered 404`)
    await expect(telling).rejects.not.toThrow(/secret/)
    writeFileSync(url_file, `${two.url}/T000/secret`)
    await sink.tell([alertOf()], signal)
    expect(two.received[0]?.path).toBe('/in/T000/secret')
    writeFileSync(url_file, 'file:///etc/secret')
    await expect(sink.tell([alertOf()], signal)).rejects.toMatchObject({ kind: 'secret_unreadable' })
  })

  it('say who we are: by a token from a file, by a password from the environment', async () => {
    const { url, received } = await httpServer(ok, cleanups)
    await (await sinkOf({ url, auth: { token_file: file('token', 'abc\n') } })).tell([alertOf()], signal)
    vi.stubEnv('HIVETAP_TEST_PASSWORD', 'h\u00fcsh')
    cleanups.push(() => vi.unstubAllEnvs())
    await (await sinkOf({ url, auth: { username: 'us', password_env: 'HIVETAP_TEST_PASSWORD' } })).tell(
      [alertOf()],
      signal,
    )
    // printf 'us:hüsh' | base64
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer abc', 'Basic dXM6aMO8c2g='])
    const unset = await sinkOf({ url, auth: { token_env: 'HIVETAP_TEST_UNSET' } })
    await expect(unset.tell([alertOf()], signal)).rejects.toMatchObject({
      kind: 'secret_unreadable',
      passing: false,
    })
    const evil = await sinkOf({ url, auth: { token_file: file('token', 'a\r\nx-evil: 1') } })
    await expect(evil.tell([alertOf()], signal)).rejects.toThrow(/token: is not a value for a header$/)
    expect(received).toHaveLength(2)
  })

  it('need one address, and one template at most', () => {
    const url = 'https://example.org/'
    const refused = [
      {},
      { url, url_env: 'U' },
      { url, template_text: 'a', template_file: 'b' },
      { url, template: 'slak' },
    ]
    for (const wrong of refused)
      expect(webhookAlertsKind.config.safeParse({ type: 'webhook', ...wrong }).success).toBe(false)
    expect(webhookAlertsKind.config.safeParse({ type: 'webhook', url_env: 'U' }).success).toBe(true)
  })
})
