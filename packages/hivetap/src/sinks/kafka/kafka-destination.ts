import type { Destination, DestinationContext, Rejection } from '../../delivery/destination.js'
import type { SpoolBatch, SpoolRecord } from '../../spool/spool.js'
import { type DeliveryParts, deliverOpen } from './batch-delivery.js'
import type { KafkaLibrary } from './broker-connection.js'
import { ClusterClient } from './cluster-client.js'
import type { BrokersConfig, KafkaConfig } from './config.js'
import { BatchProgress, type Outgoing, type Progresses } from './outgoing.js'
import { RecordBatchEncoder } from './record-batch.js'
import type { RecordShape } from './record-shape.js'
import { TimeLimits } from './time-limits.js'
import { within } from './within.js'

/** Stands for the tool in the topic of records that are of no tool. */
const AGENT = 'agent'

/** What of the configuration it is about; `format`, `key` and the like are its records' shape. */
export type KafkaSettings = BrokersConfig &
  Pick<KafkaConfig, 'name' | 'topic' | 'compression' | 'window' | 'deadline_ms' | 'max_message_bytes'>

/**
 * Batches to Kafka: acknowledged by all replicas in sync before `deliver` returns; given again after an error, possibly
 * twice. It keeps no record: what is under way is what was given to it, `window` batches at most.
 */
export class KafkaDestination implements Destination {
  readonly name: string
  readonly window: number
  readonly #config: KafkaSettings
  readonly #context: DestinationContext
  readonly #parts: DeliveryParts
  readonly #shape: RecordShape
  readonly #progress: Progresses = new WeakMap()
  /** Of each tool, of which there are few. */
  readonly #topics = new Map<string, string>()
  readonly #closing = new AbortController()
  #turn = Math.floor(Math.random() * 1024)
  #saidAhead = false

  constructor(kafka: KafkaLibrary, config: KafkaSettings, context: DestinationContext, shape: RecordShape) {
    this.name = config.name
    this.window = config.window
    this.#config = config
    this.#context = context
    this.#shape = shape
    this.#parts = {
      client: new ClusterClient(kafka, config),
      encoder: new RecordBatchEncoder(kafka.compressionsAlgorithms[config.compression]),
      limits: new TimeLimits(),
      maxBytes: config.max_message_bytes,
      hash: (key) => kafka.murmur2(key) & 0x7fff_ffff,
    }
  }

  async open(signal: AbortSignal): Promise<void> {
    const { topic, deadline_ms } = this.#config
    await within(deadline_ms, [signal, this.#closing.signal], async () => {
      // Which topics a template leads to is known when records come.
      if (topic.includes('{tool}')) await this.#parts.client.ping()
      else await this.#parts.client.leaders(topic)
    })
  }

  async deliver(batch: SpoolBatch, signal: AbortSignal): Promise<readonly Rejection[]> {
    const progress = this.#progressOf(batch)
    const turn = this.#turn++
    const records = batch.records.map((record, index) => this.#outgoing(record, index))
    await within(this.#config.deadline_ms, [signal, this.#closing.signal], (until) =>
      deliverOpen(this.#parts, records, progress, turn, until),
    )
    this.#progress.delete(batch)
    this.#sayAhead()
    return progress.allTooLarge.map((index) => ({ index, reason: 'too_large' }))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#parts.client.close()
  }

  #progressOf(batch: SpoolBatch): BatchProgress {
    const known = this.#progress.get(batch)
    if (known !== undefined) return known
    const fresh = new BatchProgress(batch.records.length)
    this.#progress.set(batch, fresh)
    return fresh
  }

  #outgoing(record: SpoolRecord, index: number): Outgoing {
    return {
      index,
      topic: this.#topicOf(record.tool),
      timeMs: record.timeMs,
      key: this.#shape.key?.(record),
      value: this.#shape.value(record),
      headers: this.#shape.headers(record),
    }
  }

  #topicOf(tool: string): string {
    const known = this.#topics.get(tool)
    if (known !== undefined) return known
    const topic = this.#config.topic.replaceAll('{tool}', tool === '' ? AGENT : tool)
    this.#topics.set(tool, topic)
    return topic
  }

  /** Said once: whoever reads times of this host wants to know. */
  #sayAhead(): void {
    const ahead = this.#parts.limits.clockAheadMs
    if (ahead === undefined || this.#saidAhead) return
    this.#saidAhead = true
    this.#context.note(
      `The clock of this host is ${(ahead / 1000).toFixed(0)} s ahead of the brokers’: they refuse records from the future. Records go out with the brokers’ time; events keep their own.`,
      { clock_ahead_ms: ahead },
    )
  }
}
