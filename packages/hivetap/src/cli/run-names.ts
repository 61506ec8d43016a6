import type { Names } from '../kubernetes/names.js'
import type { FormatWish } from '../sinks/tool-format.js'
import { type NamingOptions, namesOfRun } from './names-of-run.js'
import type { RunOptions } from './run-options.js'
import { tell } from './standard-streams.js'

/**
 * The names that a run shows, or goes by; `undefined` where it shows none. They are loaded only then.
 *
 * @throws if pods are asked for that cannot be known
 */
export async function openRunNames(
  run: RunOptions,
  options: NamingOptions,
  signal: AbortSignal,
): Promise<Names | undefined> {
  const config = namesOfRun(run, options)
  if (config === undefined) return undefined
  const { openNames } = await import('../kubernetes/open-names.js')
  return openNames(config, { signal, note: (message) => void tell(`hivetap: ${message}\n`) })
}

/** How events are told. */
export function formatOf({ output, columns }: RunOptions, names: Names | undefined): FormatWish {
  return { output, columns, namesPods: names?.namesPods }
}
