/** The account that a tool tells at its end, of the connects of what a test started. */
export interface ToldBalance {
  /** Of all that were made, those that filters did not leave out: others connect meanwhile, and are left out. */
  readonly own: number
  /** The test's own that filters are to leave out are among these. */
  readonly leftOut: number
  readonly told: number
  readonly underWay: number
  readonly lost: number
}

/** @throws if the text tells none */
export function toldBalance(text: string): ToldBalance {
  const found = /(\d+) connects: (\d+) told, (\d+) left out by filters, (\d+) under way, (\d+) lost/.exec(
    text,
  )
  if (found === null) throw new Error(`There is no account in ${JSON.stringify(text)}`)
  const [all = 0, told = 0, leftOut = 0, underWay = 0, lost = 0] = found.slice(1).map(Number)
  return { own: all - leftOut, leftOut, told, underWay, lost }
}
