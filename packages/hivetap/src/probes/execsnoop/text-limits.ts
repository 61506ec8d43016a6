import type { Sizes } from '../tool.js'

/** What an event of execsnoop holds at most: constants of exec-event.h. */
export interface TextLimits {
  readonly argumentBytes: number
  readonly pathBytes: number
  /** Where the name of the file begins at the latest. */
  readonly lastFilename: number
  /** Of the texts together. */
  readonly textBytes: number
  readonly failedArguments: number
  readonly directorySteps: number
}

/** TEXT_BYTES of exec-event.h. */
export const TEXT_BYTES = 20_480

/** Bytes of an event before its texts, rounded up. */
const HEAD_BYTES = 112

/**
 * The limits at a size: 8 KiB of arguments and a path of 4 KiB, or as much less as the texts have less. Programs read one
 * argument and one directory after the other, without a loop: where texts are short, so are they.
 */
export function textLimits({ textBytes = TEXT_BYTES }: Sizes): TextLimits {
  const isWhole = textBytes === TEXT_BYTES
  return {
    argumentBytes: (textBytes * 2) / 5,
    pathBytes: textBytes / 5,
    lastFilename: (textBytes * 3) / 5,
    textBytes,
    failedArguments: isWhole ? 32 : 16,
    directorySteps: isWhole ? 25 : 9,
  }
}

/** Bytes of an event with those texts, in a map. */
export function eventBytes({ textBytes }: TextLimits): number {
  return HEAD_BYTES + textBytes
}
