/** Nothing came for too long, on a connection that stands. */
export class Silence extends Error {
  /** @param what did not come: `no answer came`, `nothing came` */
  constructor(what: string, ms: number) {
    super(`${what} within ${ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`}`)
  }
}
