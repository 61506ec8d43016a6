/** A record as the parser reads it. */
export type ParsedRecord = Readonly<Record<string, unknown>>

/** @returns `undefined` where it is no object in JSON */
export function parseRecord(value: Uint8Array): ParsedRecord | undefined {
  try {
    const record: unknown = JSON.parse(
      Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(),
    )
    return typeof record === 'object' && record !== null && !Array.isArray(record)
      ? (record as ParsedRecord)
      : undefined
  } catch {
    return undefined
  }
}

/** The epoch and the sequence that its name is made of; of a record of losses, which has no sequence, the epoch alone. */
export function identityOf(record: ParsedRecord): { epoch: string; sequence?: number } {
  const id = String(record['event_id'])
  const sequence = /^.{36}-(\d{1,15})$/.exec(id)?.[1]
  const epoch = id.slice(0, 36)
  return sequence === undefined ? { epoch } : { epoch, sequence: Number(sequence) }
}

/** An account's own epoch is that of the envelope; the one that it is told of is another column. */
export function accountOf({ epoch, ...record }: ParsedRecord): ParsedRecord {
  return epoch === undefined ? record : { ...record, of_epoch: epoch }
}
