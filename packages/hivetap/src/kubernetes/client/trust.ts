import type { ClusterAccess } from './cluster-access.js'
import type { TlsMaterial } from './connections.js'
import type { Credential } from './credentials.js'
import { readPem } from './read-material.js'

/** Whom we trust to be the API server: read anew for each request, since authorities are replaced. */
export class Trust {
  readonly #access: ClusterAccess
  #last: string | undefined

  constructor(access: ClusterAccess) {
    this.#access = access
  }

  /**
   * What a connection is made with now.
   *
   * @throws {KubeError} `credentials_unusable`
   */
  async with({ certificate, key }: Credential): Promise<TlsMaterial> {
    const { serverName, isUnchecked } = this.#access
    const ca = await this.#authorities()
    return {
      rejectUnauthorized: !isUnchecked,
      ...(ca === undefined ? {} : { ca }),
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(certificate === undefined || key === undefined ? {} : { cert: certificate, key }),
    }
  }

  /** Those that cannot be read while they are written leave the last ones. */
  async #authorities(): Promise<string | undefined> {
    const { authorities } = this.#access
    if (authorities === undefined) return undefined
    try {
      this.#last = await readPem('certificate', authorities)
    } catch (error) {
      if (this.#last === undefined) throw error
    }
    return this.#last
  }
}
