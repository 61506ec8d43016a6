import type { ClusterAccess, ExecPlugin } from './cluster-access.js'
import type { ExecCredential } from './exec-credential.js'
import { readMaterialFile, readPem, unusable } from './read-material.js'
import { runExecPlugin } from './run-exec-plugin.js'

/** A token in a file is replaced long before it ends: it is never older than this. */
const TOKEN_AGE_MS = 60_000
/** What a plugin gave is not used in its last moments: a request takes time to get there. */
const BEFORE_EXPIRY_MS = 10_000

/** Who we are, for one request. */
export interface Credential {
  readonly token?: string
  /** PEM. */
  readonly certificate?: string
  readonly key?: string
}

/** Who we are to an API server: read anew as it is replaced. */
export class Credentials {
  readonly #access: ClusterAccess
  readonly #now: () => number
  #token: string | undefined
  #tokenReadMs = Number.NEGATIVE_INFINITY
  #given: ExecCredential | undefined
  #asking: Promise<ExecCredential> | undefined
  readonly #closed = new AbortController()

  /** @param now milliseconds of a clock that is never set */
  constructor(access: ClusterAccess, now: () => number = () => performance.now()) {
    this.#access = access
    this.#now = now
    this.#token = access.identity.token
  }

  /**
   * What to show the server now.
   *
   * @throws {KubeError} `credentials_unusable`
   */
  async get(): Promise<Credential> {
    const { tokenFile, clientCertificate, clientKey, exec } = this.#access.identity
    if (tokenFile !== undefined) await this.#readToken(tokenFile)
    const own: Credential = {
      ...(this.#token === undefined ? {} : { token: checked(this.#token, tokenFile ?? this.#access.origin) }),
      ...(clientCertificate === undefined || clientKey === undefined
        ? {}
        : {
            certificate: await readPem('certificate', clientCertificate),
            key: await readPem('key', clientKey),
          }),
    }
    if (exec === undefined) return own
    const { token, certificate, key } = await this.#ask(exec)
    return {
      ...own,
      ...(token === undefined ? {} : { token: checked(token, `what ${exec.command} wrote`) }),
      ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    }
  }

  /** The server did not know us: what may have been replaced is read anew by the next {@link get}. */
  forget(): void {
    this.#tokenReadMs = Number.NEGATIVE_INFINITY
    this.#given = undefined
  }

  /** Ends a plugin that is running. */
  close(): void {
    this.#closed.abort()
  }

  /** One that cannot be read, or is empty while it is written, leaves the last one: it is good for a while. */
  async #readToken(path: string): Promise<void> {
    if (this.#now() - this.#tokenReadMs < TOKEN_AGE_MS) return
    try {
      const token = (await readMaterialFile(path)).trim()
      if (token === '') throw unusable(`The token in ${path} is empty. It is read anew for the next try.`)
      this.#token = token
      this.#tokenReadMs = this.#now()
    } catch (error) {
      if (this.#token === undefined) throw error
    }
  }

  async #ask(exec: ExecPlugin): Promise<ExecCredential> {
    const given = this.#given
    if (given !== undefined && (given.expiresMs ?? Number.POSITIVE_INFINITY) - BEFORE_EXPIRY_MS > Date.now())
      return given
    // Several watches begin at once: the plugin is run once for all.
    this.#asking ??= runExecPlugin(exec, this.#access, { signal: this.#closed.signal }).finally(() => {
      this.#asking = undefined
    })
    this.#given = await this.#asking
    return this.#given
  }
}

/** A token with anything else in it would be a header that is not ours. */
function checked(token: string, from: string): string {
  if (/^[\x21-\x7e]{1,65536}$/.test(token)) return token
  throw unusable(`The token in ${from} holds a character that no token has. Write it again.`)
}
