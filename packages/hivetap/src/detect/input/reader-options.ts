import type { ConnectReader } from '../connect-reader.js'
import type { InputCounts } from '../input-counts.js'
import type { TakeObservation } from '../observation.js'

/** Something of the input that whoever started the reading is to be told, once. */
export interface ReaderNote {
  /**
   * - `no_header`: lines come that no header went before, so their columns are not known. Nothing is read until one comes.
   * - `no_connects`: a table was recognised that has no connects in it; its lines are passed over.
   */
  readonly kind: 'no_header' | 'no_connects'
  /** A sentence that says what was seen and what to do; printable. */
  readonly text: string
}

export interface ReaderOptions {
  /** Given each connect. */
  readonly take: TakeObservation
  /** The time of arrival, for lines without one of their own: microseconds since 1970. */
  readonly nowUs: () => number
  /** The stream that lines are told to be of; 0 without. */
  readonly stream?: number
  /**
   * Connects that are known to have taken less are counted (`counts.below`) and not given away: where nothing but a fixed
   * threshold is asked for. Failed and stuck connects, and those whose latency is not known, are given away all the same.
   */
  readonly overUs?: number
  /** Given those that were read whole and are not given away for it: time goes on by them too. */
  readonly pass?: TakeObservation
  /** Names of the columns, for a table whose header is not in the input: `PID COMM IP SADDR DADDR DPORT LAT(ms)`. */
  readonly header?: string
  readonly onNote?: (note: ReaderNote) => void
}

/** What became of what was read, by the reader that reads all. */
export interface ReaderCounts extends InputCounts {
  /** Of the observations, those that were not given away, since they took less than `overUs`. */
  below: number
  /** Of the observations, those whose time was yet to come, or beyond what their record may claim: taken for that. */
  clamped: number
  /** Of the observations, summaries. */
  summaries: number
  /** Connects that they stand for, each once. */
  summarised: number
  /** Connects told in what is among the other things, since another tool of the same run tells them too, and its events count. */
  twins: number
  /** Hosts of which two tools tell connects, and neither says which one's count: both do. */
  untoldTwins: number
}

/** Reads lines of JSON and of tables, and records of a topic. */
export interface DetectReader extends ConnectReader {
  readonly counts: ReaderCounts
  /**
   * A record of a topic: JSON, one event.
   *
   * @param stream its partition
   * @param clampUs the latest time that its event may claim, microseconds since 1970: one fast clock must not push the time
   *   of all
   */
  readRecord(value: Uint8Array, stream: number, clampUs?: number): void
  /**
   * The same, of a record that is part of other bytes: to cut it out would take as long as much of the reading.
   *
   * @param where says where it stands, if it cannot be read; `record 12` without
   */
  readRecordIn(
    bytes: Buffer,
    from: number,
    to: number,
    stream: number,
    clampUs?: number,
    where?: () => string,
  ): void
  /** Records of a topic that whoever reads the topic cannot read: they are counted, one if not told otherwise, and quoted. */
  refuseRecord(reason: string, where: () => string, text: () => string, count?: number): void
}
