import { isAbsolute } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { PIN_DIRECTORY } from '../pinned/places.js'
import type { RemovedPins } from '../pinned/remove-run.js'
import { print } from './standard-streams.js'

/** `hivetap unpin`: removes what an agent with `--pin` left in the kernel. */
export function unpinCommand(): Command {
  return new Command('unpin')
    .summary('Remove what an agent with --pin left in the kernel')
    .description(
      'Detaches the tools that are pinned, and removes their buffer and their accounts. What was in the buffer and not read ' +
        'is lost: it says how much that was. Exit status: 0 also if nothing is pinned.',
    )
    .option('--directory <PATH>', 'where they are pinned, on a bpffs', absolutePath, PIN_DIRECTORY)
    .option('--force', 'also while an agent uses them: it goes on until it ends')
    .action(async ({ directory, force = false }: { directory: string; force?: boolean }) => {
      const { removePins } = await import('../pinned/remove-run.js')
      await print(removedText(directory, removePins(directory, { force })))
    })
}

function absolutePath(text: string): string {
  if (!isAbsolute(text) || text.includes('\0')) throw new InvalidArgumentError('It is to begin with /.')
  return text
}

/** What was removed, for people. */
export function removedText(directory: string, removed: RemovedPins | undefined): string {
  if (removed === undefined) return `Nothing is pinned at ${directory}.\n`
  const { tools, since, unread, holder } = removed
  const what = tools === undefined ? 'what could not be read' : tools.join(', ')
  const when = since === undefined ? '' : `, attached since ${new Date(since).toISOString()}`
  const lines = [
    `Removed from ${directory}: ${what}${when}.`,
    unread === undefined
      ? 'How much was in the buffer is not known.'
      : `In the buffer were ${unread} events that were not read.`,
    ...(holder === undefined ? [] : [`Process ${holder} used it, and goes on with what it has open.`]),
  ]
  return `${lines.join('\n')}\n`
}
