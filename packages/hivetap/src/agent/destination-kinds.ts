import type { z } from 'zod'
import type { DestinationKind } from '../delivery/destination.js'
import { detectKind } from '../sinks/detect/detect.js'
import { duckdbKind } from '../sinks/duckdb/duckdb.js'
import { fileKind } from '../sinks/file/file.js'
import { kafkaKind } from '../sinks/kafka/kafka.js'
import { stdoutKind } from '../sinks/stdout/stdout.js'
import { webhookKind } from '../sinks/webhook/webhook.js'

// biome-ignore lint/suspicious/noExplicitAny: a list of kinds holds kinds of any configuration
export type AnyDestinationKind = DestinationKind<z.ZodObject<any>>

/** All kinds of destinations, in the order in which help and reference tell of them. To add one, add its line. */
export const DESTINATION_KINDS: readonly AnyDestinationKind[] = [
  kafkaKind,
  stdoutKind,
  fileKind,
  webhookKind,
  duckdbKind,
  detectKind,
]
