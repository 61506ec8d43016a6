/** Connects that are followed at once, at most. */
const MOST = 10_240

/**
 * Who began the connects that a table of states tells of, by socket: when one ends, the process that is named is whichever the
 * answer interrupted. Beyond the bound the oldest is forgotten.
 */
export class BegunConnects {
  readonly #begun = new Map<string, { readonly pid: number; readonly comm: string }>()

  begin(socket: string, pid: number, comm: string): void {
    this.#begun.delete(socket)
    if (this.#begun.size >= MOST)
      for (const oldest of this.#begun.keys()) {
        this.#begun.delete(oldest)
        break
      }
    this.#begun.set(socket, { pid, comm })
  }

  /** Who began it; it is forgotten. */
  end(socket: string): { readonly pid: number; readonly comm: string } | undefined {
    const begun = this.#begun.get(socket)
    this.#begun.delete(socket)
    return begun
  }
}
