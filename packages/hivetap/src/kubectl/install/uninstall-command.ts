import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { reader } from '../../cli/command-option.js'
import { EXIT } from '../../cli/exit-status.js'
import { print, tell } from '../../cli/standard-streams.js'
import { whileNotInterrupted } from '../../cli/while-not-interrupted.js'
import { durationWithin, formatDuration } from '../../settings/duration.js'
import { printable, printableLines } from '../../stream/printable.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { filenameOption } from './install-command.js'
import { contentsOf } from './leftovers.js'
import { refuseHelms } from './managed-by.js'
import {
  type KubeObject,
  listOf,
  type Manifest,
  readManifest,
  selectorOf,
  writtenFolders,
} from './manifest.js'

const EVERY_MS = 1000

/** `kubectl hivetap uninstall`: takes away what install made. */
export function uninstallCommand(kubectl: () => Kubectl): Command {
  return new Command('uninstall')
    .summary('Take the agents off every node')
    .description(
      'Deletes what install made: first the agents, which have time to deliver what they hold, then the rest; the namespace ' +
        'only if nothing else is in it. Says what is left. Exit status: 0 it is gone, 1 something of it is left.',
    )
    .addOption(filenameOption())
    .addOption(
      new Option('--timeout <TIME>', 'how long it waits')
        .argParser(reader(durationWithin('1s', '1d')))
        .default(120_000, '2m'),
    )
    .action(({ filename, timeout }: { readonly filename?: string; readonly timeout: number }) =>
      whileNotInterrupted(async (signal) => {
        const made = kubectl()
        const manifest = await readManifest(filename)
        await refuseHelms(made, manifest, signal)
        const { objects, daemonSet } = manifest
        await deleteObjects(made, [daemonSet], timeout, signal)
        await awaitGone(made, manifest, timeout, signal)
        const rest = objects
          .filter((object) => object !== daemonSet && object.kind !== 'Namespace')
          .toReversed()
        await deleteObjects(made, rest, timeout, signal)
        await deleteNamespace(made, manifest, timeout, signal)
        await tellLeft(made, manifest, signal)
      }),
    )
}

async function deleteObjects(
  kubectl: Kubectl,
  objects: readonly KubeObject[],
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  if (objects.length === 0) return
  const words = ['delete', '--filename=-', '--ignore-not-found', `--timeout=${formatDuration(timeout)}`]
  const input = listOf(objects)
  await print(printableLines(await kubectl.ask('delete what was installed', words, { input, signal })))
}

/** Waits for the agents' pods, which are deleted behind their DaemonSet. */
async function awaitGone(
  kubectl: Kubectl,
  manifest: Manifest,
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  const words = [
    'get',
    'pods',
    `--namespace=${manifest.namespace}`,
    `--selector=${selectorOf(manifest)}`,
    '--output=name',
  ]
  const end = performance.now() + timeout
  let told = 0
  while (performance.now() < end) {
    const pods = (await kubectl.ask('list the agents', words, { signal }))
      .split('\n')
      .filter((name) => name !== '')
    if (pods.length === 0) return
    if (pods.length !== told) await tell(`hivetap: ${pods.length} agents are ending\n`)
    told = pods.length
    await sleep(EVERY_MS, undefined, { signal })
  }
}

async function deleteNamespace(
  kubectl: Kubectl,
  manifest: Manifest,
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  const own = manifest.objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === manifest.namespace,
  )
  if (own === undefined) return
  const contents = await contentsOf(kubectl, manifest.namespace, signal)
  if (contents === undefined)
    await tell(
      `hivetap: the namespace ${manifest.namespace} stays: what else is in it, this user may not see\n`,
    )
  else if (contents.length > 0)
    await tell(
      `hivetap: the namespace ${manifest.namespace} stays, for what else is in it: ${shortened(contents)}\n`,
    )
  else await deleteObjects(kubectl, [own], timeout, signal)
}

async function tellLeft(kubectl: Kubectl, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const mine = manifest.objects.filter(({ kind }) => kind !== 'Namespace')
  const words = ['get', '--filename=-', '--ignore-not-found', '--output=name']
  const left = (await kubectl.ask('look what is left', words, { input: listOf(mine), signal })).split('\n')
  const names = left.filter((name) => name !== '')
  if (names.length > 0) {
    process.exitCode = EXIT.failure
    await tell(`hivetap: still there: ${shortened(names)}\n`)
  } else await tell('hivetap: nothing of it is left in the cluster\n')
  const folders = writtenFolders(manifest)
  if (folders.length > 0) await tell(`hivetap: on the nodes stays what agents wrote: ${folders.join(', ')}\n`)
}

function shortened(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(printable).join(', ')
  return names.length <= 10 ? shown : `${shown} and ${names.length - 10} more`
}
