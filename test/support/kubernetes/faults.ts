import type { ServerResponse } from 'node:http'

/** What goes wrong with one request. */
export type Fault =
  /** Refused with this status, and a `Status` that says so. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** The list's pages, or the watch's place, are forgotten: 410. */
  | { readonly kind: 'expired' }
  /** Nothing is answered, and the connection ends. */
  | { readonly kind: 'reset' }
  /** Nothing is answered, and the connection stays. */
  | { readonly kind: 'hang' }
  /** After so many bytes the connection is cut. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** After so many bytes nothing more is said, and the connection stays. */
  | { readonly kind: 'silent'; readonly afterBytes: number }
  /** The answer ends properly after so many bytes: in the middle of what it says. */
  | { readonly kind: 'ends'; readonly afterBytes: number }
  /** It comes in pieces of so many bytes. */
  | { readonly kind: 'slow'; readonly pieceBytes: number }
  /** This comes instead. */
  | { readonly kind: 'instead'; readonly body: string | Buffer; readonly headers?: Record<string, string> }
  /** A watch: this line comes instead of the next event. */
  | { readonly kind: 'line'; readonly line: string }

/** Sends an answer's body, with what goes wrong. Pieces go out in order, one after the other. */
export class FaultyBody {
  readonly #response: ServerResponse
  readonly #fault: Fault | undefined
  #sent = 0
  #isOver = false
  #last: Promise<void> = Promise.resolve()

  constructor(response: ServerResponse, fault: Fault | undefined) {
    this.#response = response
    this.#fault = fault
  }

  write(text: string | Buffer): void {
    const bytes = Buffer.from(text)
    this.#last = this.#last.then(() => this.#send(bytes))
  }

  end(): void {
    this.#last = this.#last.then(() => {
      if (!this.#isOver) this.#response.end()
    })
  }

  async #send(bytes: Buffer): Promise<void> {
    if (this.#isOver || this.#response.destroyed) return
    const fault = this.#fault
    if (fault?.kind === 'slow') {
      for (let at = 0; at < bytes.length; at += fault.pieceBytes) {
        this.#response.write(bytes.subarray(at, at + fault.pieceBytes))
        await new Promise((resolve) => setImmediate(resolve))
      }
      return
    }
    const most = fault !== undefined && 'afterBytes' in fault ? fault.afterBytes : Number.POSITIVE_INFINITY
    const part = bytes.subarray(0, Math.max(0, most - this.#sent))
    this.#sent += part.length
    if (part.length > 0) await new Promise<void>((resolve) => this.#response.write(part, () => resolve()))
    if (part.length === bytes.length) return
    this.#isOver = true
    if (fault?.kind === 'cut') this.#response.destroy()
    if (fault?.kind === 'ends') this.#response.end()
  }
}
