import { KubeError } from '../kubernetes/client/kube-error.js'
import type { Names } from '../kubernetes/names.js'
import type { NamesConfig } from '../kubernetes/names-config.js'
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
  const names = await openNames(config, { signal, note: (message) => void tell(`hivetap: ${message}\n`) })
  try {
    checkCounts(names, config, options)
    return names
  } catch (error) {
    names[Symbol.dispose]()
    throw error
  }
}

/**
 * What is counted is counted in the kernel: nothing behind it can leave out pods.
 *
 * @throws {KubeError} if some pods are to be counted, and the kernel cannot leave out the others
 */
export function checkCounts(
  { selects }: Pick<Names, 'selects'>,
  { only }: Pick<NamesConfig, 'only'>,
  { count }: NamingOptions,
): void {
  if (count === true && only !== undefined && !selects)
    throw new KubeError(
      'config_wrong',
      'Counts can leave out pods in the kernel alone, and the cgroups of this node’s pods are not seen here: mount the host’s cgroups, or leave out --count',
    )
}

/** How events are told. */
export function formatOf({ output, columns }: RunOptions, names: Names | undefined): FormatWish {
  return { output, columns, namesPods: names?.namesPods }
}
