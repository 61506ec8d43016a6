import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { pathOf, type Resource } from '../../../packages/hivetap/src/kubernetes/client/resource.js'
import type { Cleanups } from '../http-server.js'
import { answerList } from './answer-list.js'
import { answerWatch } from './answer-watch.js'
import { Collection, Versions } from './collection.js'
import { type Fault, FaultyBody } from './faults.js'
import { statusObject } from './status-object.js'

/** A request that was made. */
export interface Asked {
  readonly verb: 'list' | 'watch' | 'get'
  readonly path: string
  readonly params: URLSearchParams
  readonly token: string | undefined
  readonly encoding: string | undefined
}

/** How a server is. */
export interface ApiServerOptions {
  /** PEM; HTTP without. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string }
  /** How often a watch is sent a bookmark, milliseconds. */
  readonly bookmarkMs?: number
  /**
   * Whether a list that may come from the server's memory (`resourceVersion=0`) comes in pages, as of others. A real server gives
   * all there is at once.
   */
  readonly isMemoryPaged?: boolean
  /** What goes wrong with a request; nothing without. */
  readonly fault?: (asked: Asked, count: number) => Fault | undefined
}

/** An API server as the API's documentation has it: lists in pages, watches with bookmarks, 410 for what is forgotten. */
export class ApiServer {
  readonly asked: Asked[] = []
  /** Tokens that are taken; all if it is `undefined`. */
  tokens: Set<string> | undefined
  fault: (asked: Asked, count: number) => Fault | undefined
  url = ''
  readonly #collections = new Map<string, Collection>()
  readonly #versions = new Versions()
  readonly #bookmarkMs: number
  readonly #isMemoryPaged: boolean
  readonly #sockets = new Set<Socket>()
  readonly #server: ReturnType<typeof createServer> | TlsServer
  readonly #responses = new Set<ServerResponse>()
  connections = 0
  /** Whose certificate was shown with each request. */
  readonly certificates: unknown[] = []

  constructor(options: ApiServerOptions = {}) {
    const { tls, bookmarkMs = 50, isMemoryPaged = true, fault = () => undefined } = options
    this.#bookmarkMs = bookmarkMs
    this.#isMemoryPaged = isMemoryPaged
    this.fault = fault
    const listener: RequestListener = (request, response) => this.#answer(request, response)
    this.#server =
      tls === undefined
        ? createServer(listener)
        : createTlsServer({ ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: false }, listener)
    this.#server.on('connection', (socket: Socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  collection(resource: Resource): Collection {
    const path = pathOf({ resource })
    const known = this.#collections.get(path) ?? new Collection(resource, this.#versions)
    this.#collections.set(path, known)
    return known
  }

  /** Requests that are being answered: watches, above all. */
  get underWay(): number {
    return this.#responses.size
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Shows another certificate from the next connection on. */
  show(tls: { readonly key: string; readonly cert: string }): void {
    ;(this.#server as TlsServer).setSecureContext(tls)
  }

  /** Cuts all connections. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async listen(cleanups: Cleanups, port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    cleanups.push(() => this.close())
    const scheme = 'setSecureContext' in this.#server ? 'https' : 'http'
    this.url = `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this.url
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cutAll()
    await closed
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://server')
    const collection = this.#collections.get(url.pathname)
    const asked: Asked = {
      verb: collection === undefined ? 'get' : url.searchParams.get('watch') === 'true' ? 'watch' : 'list',
      path: url.pathname,
      params: url.searchParams,
      token: request.headers.authorization?.replace(/^Bearer /, ''),
      encoding: request.headers['accept-encoding'] as string | undefined,
    }
    this.asked.push(asked)
    const peer = (request.socket as Partial<TLSSocket>).getPeerCertificate?.()
    this.certificates.push(peer?.subject?.CN)
    this.#responses.add(response)
    response.on('close', () => this.#responses.delete(response))
    response.on('error', () => undefined)
    if (this.tokens !== undefined && !this.tokens.has(asked.token ?? '')) refuse(response, 401)
    else this.#serve(asked, collection, response)
  }

  #serve(asked: Asked, collection: Collection | undefined, response: ServerResponse): void {
    const fault = this.fault(asked, this.asked.length)
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset') response.destroy()
    else if (fault?.kind === 'status') refuse(response, fault.status, fault.headers)
    else if (fault?.kind === 'instead')
      response.writeHead(200, { ...JSON_TYPE, ...fault.headers }).end(fault.body)
    else if (collection === undefined) {
      if (asked.path === '/version') response.writeHead(200, JSON_TYPE).end('{"gitVersion":"v1.34.4"}')
      else refuse(response, 404)
    } else if (asked.verb === 'watch') {
      response.writeHead(200, JSON_TYPE)
      response.flushHeaders()
      answerWatch(asked.params, collection, new FaultyBody(response, fault), {
        fault,
        bookmarkMs: this.#bookmarkMs,
        onClose: (end) => response.on('close', end),
      })
    } else {
      if (!this.#isMemoryPaged && asked.params.get('resourceVersion') === '0') asked.params.delete('limit')
      const { status, body } = answerList(asked.params, collection, fault?.kind === 'expired')
      const isPacked = body.length > 1000 && /\bgzip\b/.test(asked.encoding ?? '')
      response.writeHead(status, { ...JSON_TYPE, ...(isPacked ? { 'content-encoding': 'gzip' } : {}) })
      const out = new FaultyBody(response, fault)
      out.write(isPacked ? gzipSync(body, { level: 1 }) : body)
      out.end()
    }
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { ...JSON_TYPE, ...headers })
    .end(JSON.stringify(statusObject(status, 'Refused', 'as the test has it')))
}
