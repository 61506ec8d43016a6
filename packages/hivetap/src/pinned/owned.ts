/** Parts that are opened one after the other, and closed together: the last first. */
export class Owned {
  readonly #parts: { close(): void }[] = []

  /** @returns the part, which is closed with the others */
  own<T extends { close(): void }>(part: T): T {
    this.#parts.push(part)
    return part
  }

  close(): void {
    for (const part of this.#parts.splice(0).reverse()) part.close()
  }
}
