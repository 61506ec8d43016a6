/** Saved state of detection that cannot be taken up: damaged, cut, or of another version. */
export class DetectStateError extends Error {
  /** @param what what was read, and what is wrong with it: a phrase such as `a sketch: cut short` */
  constructor(what: string) {
    super(`Cannot take up saved state of ${what}. Remove the state to begin anew.`)
    this.name = 'DetectStateError'
  }
}
