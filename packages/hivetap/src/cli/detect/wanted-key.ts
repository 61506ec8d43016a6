import { DIMENSIONS, type Dimension } from '../../detect/dimension.js'

/** What of `--explain` a key must have. */
export type WantedKey = Readonly<Partial<Record<Dimension, string>>>

/** `destination=10.0.0.1:443,source=curl`; values may hold a star. @throws {Error} that says what is wrong */
export function wantedKey(text: string): WantedKey {
  const wanted: Partial<Record<Dimension, string>> = {}
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^([a-z_]+)=(.+)$/s.exec(part) ?? []
    const dimension = DIMENSIONS.find((one) => one === name)
    if (dimension === undefined)
      throw new Error(
        `a key is such as destination=10.0.0.1:443,source=curl, of ${DIMENSIONS.join(', ')}, not ${JSON.stringify(text)}`,
      )
    wanted[dimension] = value
  }
  return wanted
}
