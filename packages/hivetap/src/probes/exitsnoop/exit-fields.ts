import { fieldsOf } from '../fields.js'
import type { Field } from '../tool.js'
import { type ExitEvent, exitEventFields } from './exitsnoop.bpf.js'
import { mayDumpCore, signalName, signalText } from './signals.js'

/** Members of the struct that others are made of. */
const PARTS = ['status', 'status_known', 'of_thread']

/** What of an event says how it ended. */
export type Ending = Pick<ExitEvent, 'status' | 'statusKnown' | 'ofThread'>

/** The fields that are made of the status, by the names that `missing` has for them. */
export const STATUS_FIELDS = ['exit_code', 'signal', 'signal_number', 'core_dumped'] as const

/** What it ended with by itself: 0 to 255. */
function exitCodeOf(event: Ending): number | undefined {
  return event.statusKnown && signalOf(event) === undefined ? (event.status >> 8) & 0xff : undefined
}

/** The number of the signal that ended it. */
function signalOf({ status, statusKnown }: Ending): number | undefined {
  return statusKnown && (status & 0x7f) !== 0 ? status & 0x7f : undefined
}

/** Whether it left a core. Of one thread alone it is not known that no other one of the process did. */
function coreDumpedOf(event: Ending): boolean | undefined {
  const signal = signalOf(event)
  if (signal === undefined) return undefined
  if ((event.status & 0x80) !== 0) return true
  return event.ofThread && mayDumpCore(signal) ? undefined : false
}

/** How it ended, as bcc's tool puts it: `0`, `code 1`, `signal 11 (Segmentation fault), core dumped`. */
export function endingText(event: Ending): string | undefined {
  const signal = signalOf(event)
  if (signal !== undefined)
    return `signal ${signal} (${signalText(signal)})${coreDumpedOf(event) ? ', core dumped' : ''}`
  const code = exitCodeOf(event)
  return code === undefined || code === 0 ? code?.toString() : `code ${code}`
}

/** The fields of an end: those of the C struct, and what is made of them. */
export const exitFields: readonly Field<ExitEvent>[] = [
  ...fieldsOf<ExitEvent>(exitEventFields).filter(({ name }) => !PARTS.includes(name)),
  {
    name: 'exit_code',
    doc: 'The code that it ended with by itself: 0 to 255',
    type: 'integer',
    value: exitCodeOf,
  },
  {
    name: 'signal',
    doc: 'The name of the signal that ended it',
    type: 'string',
    value: (event) => {
      const signal = signalOf(event)
      return signal === undefined ? undefined : signalName(signal)
    },
  },
  {
    name: 'signal_number',
    doc: 'The number of that signal',
    type: 'integer',
    value: signalOf,
  },
  {
    name: 'core_dumped',
    doc: 'Whether it left a core, of what a signal ended; with -T left out where another thread may have',
    type: 'boolean',
    value: coreDumpedOf,
  },
]
