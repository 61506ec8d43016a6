import type { ListOptions } from '../client/list-objects.js'

/**
 * How the next list is to be asked for. The first may come from the server's memory: what it lacks, the watch tells. One after
 * that is not to be older than what was known. Where that failed, it is asked of the store; and if the store forgets the pages
 * that are left before they are asked for, of which a slow reader is often the cause, all at once.
 */
export class ListPlan {
  #failed = 0
  #expired = 0

  /** @param known up to where there was everything */
  next(known: string | undefined): Pick<ListOptions, 'from' | 'pageSize'> {
    if (this.#expired > 1) return { from: 'newest', pageSize: undefined }
    if (this.#failed > 0) return { from: 'newest' }
    return { from: known === undefined ? 'any' : { notOlderThan: known } }
  }

  succeeded(): void {
    this.#failed = 0
    this.#expired = 0
  }

  failed(isExpired: boolean): void {
    this.#failed++
    if (isExpired) this.#expired++
  }
}
