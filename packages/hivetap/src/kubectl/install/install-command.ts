import { Command, Option } from 'commander'
import { reader } from '../../cli/command-option.js'
import { print, tell } from '../../cli/standard-streams.js'
import { whileNotInterrupted } from '../../cli/while-not-interrupted.js'
import { durationWithin } from '../../settings/duration.js'
import { printableLines } from '../../stream/printable.js'
import type { Kubectl } from '../cluster/kubectl.js'
import { awaitAgents, checkMade } from './await-agents.js'
import { refuseHelms } from './managed-by.js'
import { listOf, type Manifest, readManifest, withImage } from './manifest.js'
import { RefusedPods } from './refused-pods.js'

interface InstallOptions {
  readonly filename?: string
  readonly image?: string
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly timeout: number
}

/** The manifest that install and uninstall read. */
export function filenameOption(): Option {
  return new Option('-f, --filename <FILE>', 'this manifest, instead of that which comes with the plugin')
}

/** `kubectl hivetap install`: an agent on every node. */
export function installCommand(kubectl: () => Kubectl): Command {
  return new Command('install')
    .summary('Put an agent on every node')
    .description(
      'Applies the manifest that comes with the plugin, and says so if the cluster takes its DaemonSet and refuses its pods. ' +
        'Applied again, it brings what is there to this version.',
    )
    .addOption(filenameOption())
    .addOption(new Option('--image <IMAGE>', 'this image, of a registry that the nodes reach'))
    .addOption(new Option('--dry-run', 'print what would be applied, and apply nothing'))
    .addOption(new Option('--wait', 'wait until every node has its agent, and say what becomes of each'))
    .addOption(
      new Option('--timeout <TIME>', 'how long --wait waits')
        .argParser(reader(durationWithin('1s', '1d')))
        .default(300_000, '5m'),
    )
    .action((options: InstallOptions) =>
      whileNotInterrupted(async (signal) => {
        const { filename, image, dryRun = false, wait = false, timeout } = options
        const read = await readManifest(filename)
        const manifest = image === undefined ? read : withImage(read, image)
        if (dryRun) return print(await yamlOf(manifest))
        const made = kubectl()
        await refuseHelms(made, manifest, signal)
        const refused = await RefusedPods.before(made, manifest, signal)
        const input = listOf(manifest.objects)
        await print(
          printableLines(await made.ask('apply the manifest', ['apply', '--filename=-'], { input, signal })),
        )
        if (wait) await awaitAgents(made, manifest, refused, timeout, signal)
        else await checkMade(made, manifest, refused, signal)
        await tell(
          `hivetap: ${wait ? 'every node has its agent' : 'kubectl hivetap status says how the agents do'}\n`,
        )
      }),
    )
}

async function yamlOf({ objects }: Manifest): Promise<string> {
  const { stringify } = await import('yaml')
  return objects.map((object) => stringify(object)).join('---\n')
}
