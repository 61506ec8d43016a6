import { isIntact } from './frame.js'
import { type FrameHeader, HEADER_BYTES, MAGIC, readHeader } from './frame-header.js'

/** What is found at a place of a segment. Offsets are into the bytes that were given. */
export type Step =
  /** A frame whose records are as they were written. */
  | { readonly kind: 'frame'; readonly header: FrameHeader; readonly next: number }
  /** A frame whose records are damaged; which they were is known. */
  | { readonly kind: 'damaged'; readonly header: FrameHeader; readonly next: number }
  /** Bytes that say nothing; what is behind them does, or the end of the frame that they belong to. */
  | { readonly kind: 'unreadable'; readonly next: number; readonly header?: FrameHeader }
  /** So many bytes from here are needed to tell. */
  | { readonly kind: 'more'; readonly bytes: number }
  /** Nothing follows; `torn` if what is left is the beginning of a frame, as an interrupted write leaves it. */
  | { readonly kind: 'end'; readonly left: number; readonly torn: boolean }

/**
 * One step through the frames of a segment.
 *
 * @param bytes a piece of the segment
 * @param at where in it
 * @param remaining bytes from there to the end of the segment, of which `bytes` may hold only the first
 */
export function step(bytes: Buffer, at: number, remaining: number): Step {
  if (remaining <= 0) return { kind: 'end', left: 0, torn: false }
  const here = bytes.length - at
  if (here < Math.min(HEADER_BYTES, remaining))
    return { kind: 'more', bytes: Math.min(HEADER_BYTES, remaining) }
  const header = readHeader(bytes, at, 'before')
  if (header === undefined || header.length > remaining) {
    if (here < remaining) return { kind: 'more', bytes: remaining }
    return behindDamage(bytes, at) ?? { kind: 'end', left: remaining, torn: isBeginning(bytes, at, header) }
  }
  if (here < header.length) return { kind: 'more', bytes: header.length }
  const kind = isIntact(bytes, at, header) ? 'frame' : 'damaged'
  return { kind, header, next: at + header.length }
}

/**
 * What comes next behind a place where no frame can be read, by the first header that is whole. Each byte is looked at
 * once; only the frame that begins at `at` has its records checked, so that hostile bytes cost no more than others.
 */
function behindDamage(bytes: Buffer, at: number): Step | undefined {
  for (let hit = bytes.indexOf(MAGIC, at + 1); hit >= 0; hit = bytes.indexOf(MAGIC, hit + 1)) {
    if (readHeader(bytes, hit, 'before') !== undefined) return { kind: 'unreadable', next: hit }
    const header = readHeader(bytes, hit, 'behind')
    if (header === undefined) continue
    const next = hit + HEADER_BYTES
    if (next - header.length !== at) return { kind: 'unreadable', next, header }
    return { kind: isIntact(bytes, at, header) ? 'frame' : 'damaged', header, next }
  }
  return undefined
}

/** Whether what is left is a frame up to where its writing was interrupted. */
function isBeginning(bytes: Buffer, at: number, header: FrameHeader | undefined): boolean {
  if (header !== undefined) return true
  const left = bytes.length - at
  return (
    left < HEADER_BYTES &&
    bytes.subarray(at, at + Math.min(left, MAGIC.length)).equals(MAGIC.subarray(0, left))
  )
}
