import { type Codec, createStandaloneMap, InvalidSpecError, openPinnedMap, u32 } from '@hivetap/bpf'
import { z } from 'zod'
import { RUNGS } from '../probes/tool.js'

/** What is pinned of a tool. */
const keptTool = z.object({
  name: z.string().regex(/^[a-z0-9_]{1,32}$/),
  rung: z.enum(RUNGS),
  sizes: z.object({
    entries: z.int().positive(),
    bufferBytes: z.int().positive(),
    textBytes: z.int().positive().exactOptional(),
  }),
  /** All that decides what it does: identity.ts. */
  identity: z.string(),
  /** How its events and its account lie in memory: identity.ts. */
  layout: z.string(),
  /** What it was asked. */
  options: z.unknown(),
  /** The programs that are attached, in this order. */
  programs: z.array(z.string().regex(/^[A-Za-z0-9_]{1,64}$/)).max(32),
})

const record = z.object({
  /** The run that began when it was attached: a UUID. */
  epoch: z.uuid(),
  /** When it began: milliseconds since 1970, UTC. */
  since: z.number(),
  /** The hivetap that attached it, for people. */
  version: z.string().max(64),
  tools: z.array(keptTool).max(32),
})

export type KeptTool = z.infer<typeof keptTool>
/** What stands in the map `agent`: what is pinned beside it. */
export type RunRecord = z.infer<typeof record>

const MAGIC = 'hivetap\0'
/** Another number, where the folder is laid out otherwise, or the record. */
const LAYOUT = 1
/** Bytes of the map's value: magic, layout u32, length u32, then the record as JSON. */
const SIZE = 16 << 10
const HEAD = MAGIC.length + 8

const bytes: Codec<Uint8Array> = {
  size: SIZE,
  read: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, SIZE).slice(),
  write: (view, at, value) => new Uint8Array(view.buffer, view.byteOffset + at, SIZE).set(value),
}

/** @throws {InvalidSpecError} if it does not fit */
export function encodeRecord(value: RunRecord): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value))
  if (text.byteLength > SIZE - HEAD)
    throw new InvalidSpecError(`A record of ${value.tools.length} tools does not fit`)
  const encoded = new Uint8Array(SIZE)
  const view = new DataView(encoded.buffer)
  encoded.set(new TextEncoder().encode(MAGIC))
  view.setUint32(MAGIC.length, LAYOUT, true)
  view.setUint32(MAGIC.length + 4, text.byteLength, true)
  encoded.set(text, HEAD)
  return encoded
}

/** @throws {InvalidSpecError} if it is none, or one of another layout */
export function decodeRecord(encoded: Uint8Array): RunRecord {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  if (encoded.byteLength < HEAD || new TextDecoder().decode(encoded.subarray(0, MAGIC.length)) !== MAGIC)
    throw new InvalidSpecError('What is pinned there is not of hivetap')
  const layout = view.getUint32(MAGIC.length, true)
  if (layout !== LAYOUT)
    throw new InvalidSpecError(`What is pinned there is laid out as ${layout}, this hivetap knows ${LAYOUT}`)
  const length = view.getUint32(MAGIC.length + 4, true)
  try {
    if (length > encoded.byteLength - HEAD) throw new RangeError(`it says that it has ${length} bytes`)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(encoded.subarray(HEAD, HEAD + length))
    return record.parse(JSON.parse(text))
  } catch (cause) {
    throw new InvalidSpecError('The record of what is pinned there is damaged', { cause })
  }
}

/**
 * Puts the record into a map of its own, and pins that.
 *
 * @throws {InvalidSpecError} if it does not fit; {UnsupportedError} {MemlockError} {NotPermittedError} {SystemCallError}
 */
export function pinRecord(path: string, value: RunRecord): void {
  using map = createStandaloneMap({ name: 'agent', kind: 'array', maxEntries: 1 }, u32, bytes)
  map.set(0, encodeRecord(value))
  map.pin(path)
}

/**
 * Reads the record where it is pinned.
 *
 * @throws {NotFoundError} if nothing is there; {InvalidSpecError} if it is not a record of this layout
 * @throws {UnsupportedError} {NotPermittedError} {SystemCallError}
 */
export function readRecord(path: string): RunRecord {
  using map = openPinnedMap(path, { kind: 'array', maxEntries: 1 }, u32, bytes)
  return decodeRecord(map.get(0) ?? new Uint8Array())
}
