import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { batchOf, contextOf } from '../../../../../test/support/batches.js'
import { webhookKind } from './webhook.js'

const { signal } = new AbortController()
let directory = ''

/** A key and its certificate, signed by itself: two files. */
function certificate(name: string): { cert: string; key: string } {
  const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)]
  const how =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -addext subjectAltName=IP:127.0.0.1'
  execFileSync('openssl', [...how.split(' '), '-subj', `/CN=${name}`, '-out', cert, '-keyout', key], {
    stdio: 'ignore',
  })
  return { cert, key }
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-tls-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

it('webhook over TLS: checks the server, shows who it is, and says what is wrong', async () => {
  const ours = certificate('agent')
  const theirs = certificate('server')
  const names: string[] = []
  const server = createServer(
    {
      cert: readFileSync(theirs.cert),
      key: readFileSync(theirs.key),
      ca: readFileSync(ours.cert),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const socket = request.socket as TLSSocket
      names.push(socket.authorized ? String(socket.getPeerCertificate().subject.CN) : 'nobody')
      request.resume().on('end', () => response.writeHead(200).end())
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const tryWith = async (options: Readonly<Record<string, unknown>>) => {
    const sink = await webhookKind.create(
      webhookKind.config.parse({ type: 'webhook', url, ...options }),
      contextOf(),
    )
    try {
      return await sink.deliver(batchOf(0, 1), signal)
    } finally {
      await sink.close()
    }
  }
  try {
    await expect(tryWith({})).rejects.toMatchObject({ kind: 'tls_failed', passing: false })
    await expect(tryWith({ ca_file: ours.cert })).rejects.toMatchObject({ kind: 'tls_failed' })
    expect(await tryWith({ ca_file: theirs.cert })).toEqual([])
    expect(await tryWith({ ca_file: theirs.cert, cert_file: ours.cert, key_file: ours.key })).toEqual([])
    // Without authorities of our own, Node would trust those of the system.
    const empty = join(directory, 'empty.pem')
    writeFileSync(empty, '')
    for (const files of [{ ca_file: empty }, { ca_file: theirs.cert, cert_file: ours.cert, key_file: empty }])
      await expect(tryWith(files)).rejects.toMatchObject({
        kind: 'secret_unreadable',
        message: expect.stringContaining(`${empty}: it is empty`),
      })
    expect(names).toEqual(['nobody', 'agent'])
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
