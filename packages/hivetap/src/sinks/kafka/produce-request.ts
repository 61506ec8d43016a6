import type { KafkaLibrary } from './broker-connection.js'

/** What is asked of a broker: to keep a record batch. */
export interface Produce {
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
  /** How long it may wait for its replicas. */
  readonly timeoutMs: number
}

/** Whether a version of it has varints for lengths, and tagged fields. */
export function isFlexible(version: number): boolean {
  return version >= 9
}

/*
 * Produce, version 7 to 11:
 *
 *   transactional id (none) · acks i16 · timeout i32 · topics: name · partitions: index i32 · records, with their length
 */
export function produceRequest(
  { Writer, ProduceAcks }: Pick<KafkaLibrary, 'Writer' | 'ProduceAcks'>,
  version: number,
  { topic, partition, batch, timeoutMs }: Produce,
): InstanceType<KafkaLibrary['Writer']> {
  const flexible = isFlexible(version)
  const writer = Writer.create()
  writer.appendString(undefined, flexible).appendInt16(ProduceAcks.ALL).appendInt32(timeoutMs)
  const partitions = () =>
    writer.appendArray(
      [partition],
      (_, index) => writer.appendInt32(index).appendBytes(batch, flexible),
      flexible,
      flexible,
    )
  writer.appendArray(
    [topic],
    (_, name) => {
      writer.appendString(name, flexible)
      partitions()
    },
    flexible,
    flexible,
  )
  if (flexible) writer.appendTaggedFields()
  return writer
}
