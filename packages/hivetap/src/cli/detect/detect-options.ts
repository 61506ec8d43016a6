import type { BrokerOptions } from '../kafka-options.js'
import type { WantedKey } from './wanted-key.js'

/** What the options of `hivetap detect` say. Times are milliseconds. */
export interface DetectOptions extends Omit<BrokerOptions, 'brokers'> {
  readonly brokers?: readonly string[]
  readonly topic?: string
  readonly group: string
  readonly fromBeginning?: boolean
  readonly file?: string
  readonly store?: string
  readonly header?: string
  readonly over?: number
  readonly window?: number
  readonly rules?: string
  readonly lateness?: number
  readonly alertmanager?: readonly string[]
  readonly state?: string
  readonly explain?: WantedKey
  readonly exitCode?: boolean
  readonly output?: 'text' | 'json'
}
