import { detectReader } from '../../packages/hivetap/src/detect/input/detect-reader.js'
import type { ReaderNote, ReaderOptions } from '../../packages/hivetap/src/detect/input/reader-options.js'
import type { Observation } from '../../packages/hivetap/src/detect/observation.js'

/** The time of arrival that tests give: 2026-11-28T12:00:00Z. */
export const NOW_US = Date.UTC(2026, 10, 28, 12) * 1000

/** All that a text holds, as the reader of `hivetap detect` reads it. */
export function readConnects(
  text: string | Buffer,
  options: Partial<Omit<ReaderOptions, 'take' | 'onNote'>> & { readonly piece?: number } = {},
) {
  const { piece = 65_536, ...rest } = options
  const connects: Observation[] = []
  const notes: ReaderNote[] = []
  const reader = detectReader({
    take: (observation) => connects.push({ ...observation }),
    nowUs: () => NOW_US,
    onNote: (note) => notes.push(note),
    ...rest,
  })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += piece) reader.take(bytes.subarray(at, at + piece))
  reader.end()
  return { connects, notes, counts: reader.counts, unreadable: Object.fromEntries(reader.counts.unreadable) }
}
