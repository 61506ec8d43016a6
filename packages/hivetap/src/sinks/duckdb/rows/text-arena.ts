const FIRST_BYTES = 64 << 10
/** Kept from block to block at most: what a rare long text took is given back. */
const KEPT_BYTES = 4 << 20

const encoder = new TextEncoder()

/** Bytes of texts, one after the other. */
export class TextArena {
  bytes = new Uint8Array(FIRST_BYTES)
  used = 0

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const wanted = this.used + count
    if (wanted <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(wanted, 2 * this.bytes.length))
    larger.set(this.bytes.subarray(0, this.used))
    this.bytes = larger
  }

  /** Adds a text as UTF-8. What is no character (half of a surrogate pair) becomes U+FFFD. */
  add(text: string): void {
    // Three bytes for each unit of UTF-16 are enough for any text.
    this.reserve(3 * text.length)
    this.used += encoder.encodeInto(text, this.bytes.subarray(this.used)).written
  }

  clear(): void {
    this.used = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(FIRST_BYTES)
  }
}
