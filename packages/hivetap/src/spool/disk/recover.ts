import { closeSync, ftruncateSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import type { FrameHeader } from '../codec/frame-header.js'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../codec/segment-header.js'
import type { Tape } from '../log/tape.js'
import { MAX_SEGMENT_BYTES, type Segment, segmentPath, segmentPlace } from './segment.js'
import { walkFile } from './walk-file.js'

/** What the files of a log turned out to be. */
export interface RecoveredLog {
  readonly segments: readonly Segment[]
  /** Whether the last of them takes more. */
  readonly appendable: boolean
  /** Bytes of an unfinished write at the end, which were cut: it had not been accepted. */
  readonly tornBytes: number
  /** Bytes at the end that are no frame, nor the beginning of one. */
  readonly unreadableBytes: number
}

/** A file, as it was found. */
interface Tail {
  readonly hasRecords: boolean
  readonly headerIsWhole: boolean
  readonly size: number
  readonly torn: number
  readonly unreadable: number
}

/**
 * Looks at what an earlier process left, and brings the tape to its end. Only the end of the log is read: what is damaged
 * before is found by whoever reads it.
 */
export function recoverLog(dir: string, tape: Tape): RecoveredLog {
  const places = readdirSync(dir)
    .flatMap((name) => segmentPlace(name) ?? [])
    .sort((a, b) => a - b)
  let [torn, unreadable, appendable, endIsKnown] = [0, 0, places.length > 0, false]
  for (let index = places.length - 1; index >= 0 && !endIsKnown; index--) {
    const place = places[index] ?? 0
    const path = segmentPath(dir, place)
    const tail = readTail(path, tape)
    torn += tail.torn
    unreadable += tail.unreadable
    endIsKnown = tail.hasRecords || tail.headerIsWhole
    if (index === places.length - 1) appendable = tail.headerIsWhole && tail.unreadable === 0
    tape.restore({ place, ringPosition: undefined, runs: [], lost: [] })
    // Nothing is known to have been in it, and its name is free for what comes next.
    if (!tail.hasRecords && (tail.unreadable > 0 || !tail.headerIsWhole)) {
      rmSync(path, { force: true })
      places.splice(index, 1)
      appendable = false
    }
  }
  return {
    segments: listSegments(dir, places, tape),
    appendable,
    tornBytes: torn,
    unreadableBytes: unreadable,
  }
}

/** Reads a segment to its end, for what the tape has to know, and cuts what was half written. */
function readTail(path: string, tape: Tape): Tail {
  const fd = openSync(path, 'r+')
  try {
    const { size } = statSync(path)
    const head = Buffer.alloc(SEGMENT_HEADER_BYTES)
    readSync(fd, head, 0, head.length, 0)
    const header = decodeSegmentHeader(head)
    if (header !== undefined) {
      const { place, ringPosition, run } = header
      tape.restore({ place, ringPosition, runs: run === undefined ? [] : [run], lost: [] })
    }
    if (size < SEGMENT_HEADER_BYTES)
      return { hasRecords: false, headerIsWhole: false, size: 0, torn: size, unreadable: 0 }
    let hasRecords = false
    for (const found of walkFile(fd, Math.min(size, MAX_SEGMENT_BYTES))) {
      if (found.kind === 'end') {
        if (found.torn) ftruncateSync(fd, found.at)
        const [torn, unreadable] = found.torn ? [found.left, 0] : [0, found.left]
        return { hasRecords, headerIsWhole: header !== undefined, size: found.at, torn, unreadable }
      }
      if (found.header === undefined) continue
      hasRecords = true
      takeFrame(found.header, tape)
    }
    throw new Error(`${path} has no end`)
  } finally {
    closeSync(fd)
  }
}

function takeFrame(
  { epoch, place, runPlace, firstSequence, count, ringPosition }: FrameHeader,
  tape: Tape,
): void {
  tape.learn({ epoch, place: runPlace, firstSequence: firstSequence - (place - runPlace) })
  if (place + count > tape.place) tape.restore({ place: place + count, ringPosition, runs: [], lost: [] })
}

function listSegments(dir: string, places: readonly number[], tape: Tape): Segment[] {
  let base = 0
  return places.map((place, index) => {
    const path = segmentPath(dir, place)
    const { size: bytes, mtimeMs } = statSync(path)
    const size = Math.min(bytes, MAX_SEGMENT_BYTES)
    const to = places[index + 1] ?? tape.place
    const segment = { path, place, base, size, to, firstMs: mtimeMs, lastMs: mtimeMs }
    base += size
    return segment
  })
}

/** Where in the segments a place is: in bytes. Before the oldest, and behind the newest, their ends. */
export function findByte(segments: readonly Segment[], place: number): number {
  const segment = segments.findLast((candidate) => candidate.place <= place)
  if (segment === undefined) return 0
  if (place === segment.place) return segment.base
  const fd = openSync(segment.path, 'r')
  try {
    for (const found of walkFile(fd, segment.size))
      if (
        (found.kind === 'frame' || found.kind === 'damaged') &&
        found.header.place + found.header.count > place
      )
        return segment.base + found.at
    return segment.base + segment.size
  } finally {
    closeSync(fd)
  }
}

/** Takes the runs that segments say they are of: for a spool whose state is gone. */
export function learnRuns(segments: readonly Segment[], tape: Tape): void {
  for (const { path } of segments) {
    const fd = openSync(path, 'r')
    const head = Buffer.alloc(SEGMENT_HEADER_BYTES)
    try {
      readSync(fd, head, 0, head.length, 0)
    } finally {
      closeSync(fd)
    }
    const run = decodeSegmentHeader(head)?.run
    if (run !== undefined) tape.learn(run)
  }
}
