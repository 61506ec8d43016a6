import type { Spool, SpoolBatch, SpoolReader } from '../../packages/hivetap/src/spool/spool.js'

/** A spool that keeps what it is given, and takes it when it is told to: what a test needs to see what is recorded. */
export class GivenSpool implements Spool {
  readonly end = undefined
  readonly counters = { batches: 0, records: 0, bytes: 0, heldBytes: 0, lost: new Map() }
  readonly batches: SpoolBatch[] = []
  /** Whether it takes what it is given; while it is awaited, nothing more is. */
  accepts: Promise<boolean> | boolean = true

  async append(batch: SpoolBatch): Promise<boolean> {
    const accepted = await this.accepts
    // Its records share memory with those that come after.
    const records = batch.records.map((record) => ({ ...record, value: Buffer.from(record.value) }))
    if (accepted) this.batches.push({ ...batch, records })
    return accepted
  }

  /** Its records, as whoever reads them has them. */
  get values(): readonly Readonly<Record<string, unknown>>[] {
    return this.batches.flatMap(({ records }) =>
      records.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as Record<string, unknown>),
    )
  }

  reader(): SpoolReader {
    throw new Error('nobody reads it')
  }

  addReader(): void {}

  forgetReader(): void {}

  async close(): Promise<void> {}
}
