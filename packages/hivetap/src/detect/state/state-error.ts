/** Saved state of detection that cannot be taken up: damaged, cut, or of another version. */
export class DetectStateError extends Error {
  readonly what: string

  /**
   * @param what what was read, and what is wrong with it: a phrase such as `a sketch: cut short`
   * @param file that it was read from, where that is known
   */
  constructor(what: string, file = 'the state') {
    super(`Cannot take up saved state of ${what}. Remove ${file} to begin anew.`)
    this.name = 'DetectStateError'
    this.what = what
  }
}
