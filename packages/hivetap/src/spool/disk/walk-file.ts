import { readSync } from 'node:fs'
import { errorCode } from '../../io/error-code.js'
import { SEGMENT_HEADER_BYTES } from '../codec/segment-header.js'
import { type Step, step } from '../codec/segment-walk.js'
import { BadBlocks } from './bad-blocks.js'

const PIECE_BYTES = 1 << 20

/** A step through a file: `at` and `next` are offsets of the file. */
export type FileStep = Exclude<Step, { readonly kind: 'more' }> & { readonly at: number }

/** Walks through the frames of a segment's file, to its end. What cannot be read counts as zeros. */
export function* walkFile(fd: number, size: number): Generator<FileStep, void> {
  let piece: Buffer = Buffer.alloc(0)
  let from = SEGMENT_HEADER_BYTES
  let at = SEGMENT_HEADER_BYTES
  for (;;) {
    const found = step(piece, at - from, size - at)
    if (found.kind === 'more') {
      piece = readPiece(fd, at, Math.max(found.bytes, Math.min(PIECE_BYTES, size - at)))
      from = at
      continue
    }
    if (found.kind === 'end') {
      yield { ...found, at }
      return
    }
    const next = from + found.next
    yield { ...found, at, next }
    at = next
  }
}

function readPiece(fd: number, from: number, bytes: number): Buffer {
  const piece = Buffer.alloc(bytes)
  const bad = new BadBlocks()
  for (let done = 0; done < bytes; ) {
    try {
      const count = readSync(fd, piece, done, bytes - done, from + done)
      if (count === 0) return piece
      done += count
    } catch (error) {
      if (errorCode(error) !== 'EIO') throw error
      done = (bad.behind(from + done, error) ?? Infinity) - from
    }
  }
  return piece
}
