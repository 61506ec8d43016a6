import type { IncomingMessage } from 'node:http'
import { type JsonObject, parseJsonObject } from '../../stream/json-object.js'
import { orTime } from '../../stream/pause.js'
import { type Asked, cannot } from './asked.js'
import type { ClusterAccess } from './cluster-access.js'
import { Connections, type Lease } from './connections.js'
import { Credentials } from './credentials.js'
import { KubeError } from './kube-error.js'
import { networkError } from './network-error.js'
import { openAnswer } from './open-answer.js'
import { type BodyLimits, readBody } from './read-body.js'
import { statusError } from './status-error.js'
import { Trust } from './trust.js'

/** With a page of many objects a server takes its time before it says anything. */
const ANSWER_MS = 60_000
/** Of an answer that refuses, so much is read. */
const REFUSAL: BodyLimits = { mostBytes: 1 << 20, idleMs: 10_000, wholeMs: 20_000 }
const OBJECT: BodyLimits = { mostBytes: 4 << 20, idleMs: 30_000, wholeMs: 60_000 }

/** One request. */
export interface Question {
  readonly asked: Omit<Asked, 'server'>
  readonly params?: Readonly<Record<string, string>>
  readonly limits: BodyLimits
  /** Whether the answer may come packed: a watch comes in small pieces, for which that is of no use. */
  readonly mayBePacked?: boolean
  readonly signal: AbortSignal
}

/** What becomes of an answer's body. */
type BodyUse<T> = (body: AsyncIterable<Buffer>, asked: Asked) => Promise<T>

/** What a {@link KubeClient} is made with, besides the access. */
export interface KubeClientOptions {
  /** Tells a person what is to be known once: that the server is not checked, that certificates were read anew. */
  readonly note?: (message: string) => void
  /** How long the head of an answer may take, milliseconds. */
  readonly answerMs?: number
}

/** Asks an API server, as whom we are to it. Requests may be under way at once. */
export class KubeClient {
  readonly access: ClusterAccess
  readonly #credentials: Credentials
  readonly #trust: Trust
  readonly #connections: Connections
  readonly #answerMs: number

  constructor(access: ClusterAccess, { note = () => {}, answerMs = ANSWER_MS }: KubeClientOptions = {}) {
    this.access = access
    this.#credentials = new Credentials(access)
    this.#trust = new Trust(access)
    this.#connections = new Connections(access.server.startsWith('https:'), note)
    this.#answerMs = answerMs
    for (const warning of access.warnings) note(warning)
  }

  /**
   * Asks, and has the answer's body used as it comes, unpacked.
   *
   * @param use is told also what was asked, for errors of its own
   * @throws {KubeError} if it is not answered with JSON, and status 200
   * @throws `signal`’s reason
   */
  async ask<T>(question: Question, use: BodyUse<T>): Promise<T> {
    try {
      return await this.#once(question, use)
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'unauthorized') throw error
      // A token may have been replaced within the minute; what is still not known then, is not.
      this.#credentials.forget()
      return this.#once(question, use)
    }
  }

  /**
   * One object, at most 4 MiB: `/version`.
   *
   * @throws {KubeError}
   */
  async get(path: string, signal: AbortSignal): Promise<JsonObject> {
    return this.ask({ asked: { verb: 'get', path }, limits: OBJECT, signal }, async (body, asked) => {
      const parts: Buffer[] = []
      for await (const part of body) parts.push(part)
      const object = parseJsonObject(Buffer.concat(parts))
      if (object !== undefined) return object
      throw new KubeError('answer_wrong', `${cannot(asked)}: what came is no JSON object.`)
    })
  }

  /** Ends connections and what is under way. */
  close(): void {
    this.#credentials.close()
    this.#connections.close()
  }

  async #once<T>(question: Question, use: BodyUse<T>): Promise<T> {
    const { limits, signal } = question
    const asked = { ...question.asked, server: this.access.server }
    signal.throwIfAborted()
    // A plugin may take its time; it goes on for others that wait for it.
    const credential = await orTime(this.#credentials.get(), undefined, signal)
    if (credential === undefined) throw signal.reason
    const lease = this.#connections.lease(await this.#trust.with(credential))
    let response: IncomingMessage | undefined
    try {
      response = await this.#open(question, asked, lease, credential.token).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : networkError(error, asked)
      })
      await this.#check(response, asked, signal)
      return await use(readBody(response, asked, limits, signal), asked)
    } finally {
      if (response?.complete === false) response.destroy()
      lease.release()
    }
  }

  #open(question: Question, asked: Asked, { agent }: Lease, token: string | undefined) {
    const url = new URL(this.access.server + asked.path)
    for (const [name, value] of Object.entries(question.params ?? {})) url.searchParams.set(name, value)
    const isPacked = question.mayBePacked === true && !this.access.isCompressionOff
    const headers = {
      accept: 'application/json',
      'accept-encoding': isPacked ? 'gzip' : 'identity',
      'user-agent': 'hivetap',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    return openAnswer({ url, agent, headers, answerMs: this.#answerMs, signal: question.signal })
  }

  async #check(response: IncomingMessage, asked: Asked, signal: AbortSignal): Promise<void> {
    const { statusCode: status = 0, headers } = response
    const type = headers['content-type'] ?? 'nothing said of it'
    const encoding = headers['content-encoding'] ?? 'identity'
    if (status === 200 && /^application\/json\b/i.test(type) && /^(gzip|identity)$/.test(encoding)) return
    if (status === 200) {
      response.destroy()
      const what = `${cannot(asked)}: what came is not JSON (${type.slice(0, 100)}, ${encoding.slice(0, 100)})`
      throw new KubeError('answer_wrong', `${what}. Does an API server stand there?`)
    }
    const parts: Buffer[] = []
    try {
      for await (const part of readBody(response, asked, REFUSAL, signal)) parts.push(part)
    } catch {
      // Its status says enough.
      signal.throwIfAborted()
    }
    const body = Buffer.concat(parts)
    const object = parseJsonObject(body)
    const text = body.subarray(0, 1000).toString('utf8')
    throw statusError({ status, headers, object, text }, asked, this.access.origin)
  }
}
