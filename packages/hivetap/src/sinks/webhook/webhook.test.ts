import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { batchOf, contextOf, EPOCH, sequencesOf } from '../../../../../test/support/batches.js'
import {
  type Cleanups,
  cleanUp,
  httpServer,
  listening,
  rawServer as startRawServer,
  status,
} from '../../../../../test/support/http-server.js'
import type { Destination } from '../../delivery/destination.js'
import { webhookKind } from './webhook.js'

const { signal } = new AbortController()
const cleanups: Cleanups = []

afterEach(() => cleanUp(cleanups))

const server = (answer: Parameters<typeof httpServer>[0]) => httpServer(answer, cleanups)
const rawServer = (answer: (socket: Socket) => void) => startRawServer(answer, cleanups)

async function destination(
  url: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Destination> {
  const made = await webhookKind.create(
    webhookKind.config.parse({ type: 'webhook', url, timeout: '5s', ...options }),
    contextOf(),
  )
  cleanups.push(() => made.close())
  return made
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

describe('webhook: what is sent', () => {
  it('is a line a record, named by its sequences, on one connection', async () => {
    const { url, received, connections } = await server(status(204))
    const sink = await destination(url, { headers: { 'x-team': 'net' } })
    for (let from = 0; from < 30; from += 10)
      expect(await sink.deliver(batchOf(from, 10), signal)).toEqual([])
    expect(received.flatMap(({ body }) => sequencesOf(body.toString()))).toEqual(numbers(0, 30))
    expect(received[1]?.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'idempotency-key': `${EPOCH}-10-19`,
      'x-team': 'net',
    })
    expect(connections.count).toBe(1)
  })

  it('is an array, packed, where that is asked for', async () => {
    const { url, received } = await server(status(200))
    const sink = await destination(url, { format: 'json', compression: 'gzip' })
    await sink.deliver(batchOf(0, 3), signal)
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    expect(JSON.parse(gunzipSync(received[0]?.body ?? '').toString())).toHaveLength(3)
  })

  it('has headers from files, read anew each time, and says which cannot be read', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-webhook-'))
    cleanups.push(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'token')
    const { url, received } = await server(status(200))
    const sink = await destination(url, { header_files: { Authorization: file } })
    await expect(sink.open(signal)).rejects.toMatchObject({ kind: 'secret_unreadable', passing: false })
    for (const token of ['Bearer one', 'Bearer two']) {
      writeFileSync(file, `${token}\n`)
      await sink.deliver(batchOf(0, 1), signal)
    }
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two'])
    writeFileSync(file, 'secret\r\nx-evil: 1')
    const failed = sink.deliver(batchOf(0, 1), signal)
    await expect(failed).rejects.toMatchObject({ kind: 'secret_unreadable' })
    await expect(failed).rejects.not.toThrow(/secret\r/)
    expect(received).toHaveLength(2)
  })
})

describe('webhook: what the server answers', () => {
  it.each([
    [500, true, 'server_failed'],
    [503, true, 'server_failed'],
    [408, true, 'server_failed'],
    [425, true, 'server_failed'],
    [429, true, 'rate_limited'],
    [401, false, 'authentication_failed'],
    [403, false, 'authentication_failed'],
    [404, false, 'address_wrong'],
    [301, false, 'redirected'],
    [308, false, 'redirected'],
  ])('%i: tried again, passing %s', async (code, passing, kind) => {
    const { url, received } = await server(status(code))
    const sink = await destination(url)
    await expect(sink.deliver(batchOf(0, 5), signal)).rejects.toMatchObject({ kind, passing })
    expect(received).toHaveLength(1)
  })

  it('tells what it said, without control characters and without what stands behind ?', async () => {
    const { url } = await server((_, response) => response.writeHead(500).end('\u001b[31mno\u202e'))
    const sink = await destination(`${url}?token=secret`)
    await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toThrow(`${url} answered 500: ?[31mno?`)
  })

  it('413: fewer at a time, also next time; a record that is too large alone is told', async () => {
    const { url, received } = await server(({ body }, response) =>
      response.writeHead(body.byteLength > 2000 ? 413 : 200).end(),
    )
    const sink = await destination(url)
    const fields = (sequence: number) => (sequence === 7 ? { args: 'x'.repeat(3000) } : {})
    expect(await sink.deliver(batchOf(0, 40, fields), signal)).toEqual([{ index: 7, reason: 'too_large' }])
    const taken = received.filter(({ body }) => body.byteLength <= 2000)
    expect(taken.flatMap(({ body }) => sequencesOf(body.toString()))).toEqual(
      numbers(0, 40).filter((sequence) => sequence !== 7),
    )
    received.length = 0
    await sink.deliver(batchOf(40, 40), signal)
    expect(received.every(({ body }) => body.byteLength <= 2000)).toBe(true)
  })

  it('422: what is refused is found, the rest delivered', async () => {
    const bad = [3, 500, 501]
    const taken: number[] = []
    const { url, received } = await server(({ body }, response) => {
      const sequences = sequencesOf(body.toString())
      const refused = sequences.some((sequence) => bad.includes(sequence))
      if (!refused) taken.push(...sequences)
      response.writeHead(refused ? 422 : 200).end()
    })
    const sink = await destination(url)
    expect(await sink.deliver(batchOf(0, 1000), signal)).toEqual(
      bad.map((index) => ({ index, reason: 'refused' })),
    )
    expect(taken).toEqual(numbers(0, 1000).filter((sequence) => !bad.includes(sequence)))
    expect(received.length).toBeLessThan(80)
  })

  it('400 to everything: all is refused, without a request for each', async () => {
    const { url, received } = await server(status(400))
    const sink = await destination(url)
    expect(await sink.deliver(batchOf(0, 1000), signal)).toHaveLength(1000)
    expect(received.length).toBeLessThan(100)
  })

  it('Retry-After: it is left alone as long as it asks', async () => {
    const { url } = await server((_, response, count) => {
      if (count === 1) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.writeHead(200).end()
    })
    const sink = await destination(url)
    await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({ kind: 'rate_limited' })
    const stop = new AbortController()
    const waiting = expect(sink.deliver(batchOf(0, 1), stop.signal)).rejects.toMatchObject({
      kind: 'aborted',
    })
    stop.abort()
    await waiting
    expect(await sink.deliver(batchOf(0, 1), signal)).toEqual([])
  })
})

describe('webhook: a hostile server', () => {
  const drip = (socket: Socket, text: string) => {
    const timer = setInterval(() => socket.write(text), 20)
    socket.on('close', () => clearInterval(timer))
  }

  it('that drips headers without end is given up', async () => {
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      drip(socket, 'x-a: 1\r\n')
    })
    const sink = await destination(url, { timeout: '300ms' })
    await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
      kind: 'timed_out',
      passing: true,
    })
  })

  it('that says nothing is given up', async () => {
    const sink = await destination(await rawServer(() => undefined), { timeout: '300ms' })
    await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({ kind: 'timed_out' })
  })

  it('whose body does not end is not read to the end', async () => {
    let sent = 0
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      const piece = `4000\r\n${'x'.repeat(0x4000)}\r\n`
      const more = () => {
        while (!socket.destroyed && socket.write(piece)) sent += piece.length
      }
      socket.on('drain', more)
      more()
    })
    const sink = await destination(url)
    expect(await sink.deliver(batchOf(0, 1), signal)).toEqual([])
    expect(sent).toBeLessThan(50_000_000)
  })

  it('that answers garbage, or hangs up, is tried again', async () => {
    const garbage = await destination(await rawServer((socket) => socket.end('\0\x01garbage\r\n\r\n')))
    await expect(garbage.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
      kind: 'answer_unreadable',
      passing: true,
    })
    const gone = await destination(await rawServer((socket) => socket.destroy()))
    await expect(gone.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
      kind: 'unreachable',
      passing: true,
    })
  })

  it('that closes the kept connection between two batches: a new one is taken', async () => {
    const { url, received } = await server((_, response) => {
      response.writeHead(200).end(() => setImmediate(() => response.socket?.resetAndDestroy()))
    })
    const sink = await destination(url)
    for (let from = 0; from < 20; from++) await sink.deliver(batchOf(from, 1), signal)
    expect(new Set(received.flatMap(({ body }) => sequencesOf(body.toString()))).size).toBe(20)
  })

  it('that is not there is unreachable', async () => {
    const tcp = createTcpServer()
    const url = await listening(tcp, cleanups)
    await new Promise((resolve) => tcp.close(resolve))
    const sink = await destination(url)
    await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
      kind: 'unreachable',
      passing: true,
    })
  })
})

describe('webhook: its configuration', () => {
  it('refuses secrets in the address, headers that are ours, and a certificate without key', () => {
    const url = 'https://example.org/in'
    for (const wrong of [
      { url: 'https://me:secret@example.org/' },
      { url: 'ftp://example.org/' },
      { url, headers: { Host: 'x' } },
      { url, headers: { 'x y': '1' } },
      { url, headers: { x: 'a\r\nb: c' } },
      { url, cert_file: '/a' },
    ])
      expect(webhookKind.config.safeParse({ type: 'webhook', ...wrong }).success).toBe(false)
    expect(webhookKind.config.safeParse({ type: 'webhook', url }).success).toBe(true)
  })
})
