import { Option } from 'commander'
import { seconds } from '../probes/option-values.js'
import { BUFFERS, type BufferKind, type Rung } from '../probes/tool.js'
import { reader } from './command-option.js'

/** What every run can be told. */
export interface RunOptions {
  readonly output: 'table' | 'json'
  /** Seconds after which it ends by itself. */
  readonly duration?: number
  readonly stats?: boolean
  readonly verbose?: boolean
  readonly hook?: Rung
  readonly buffer?: BufferKind
}

/** Its flags. */
export function runOptions(rungs: readonly Rung[]): Option[] {
  return [
    new Option('-o, --output <FORMAT>', 'table, or an event a line')
      .choices(['table', 'json'])
      .default('table'),
    new Option('--duration <S>', 'end after so many seconds').argParser(reader(seconds)),
    new Option(
      '--stats',
      'say at the end, and each minute, what was seen and what was lost; without, only at the end, and only if something was',
    ),
    new Option('--hook <RUNG>', 'how to attach, instead of the best that works').choices([...rungs]),
    new Option('--buffer <KIND>', 'how events come from the kernel, instead of the best that works').choices([
      ...BUFFERS,
    ]),
    new Option('-v, --verbose', 'say what was chosen and why, and on an error what led to it'),
  ]
}
