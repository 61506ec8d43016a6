import { Command, Option } from 'commander'
import { NoRungError, openTool } from '../probes/open-tool.js'
import type { AnyTool } from '../probes/tool.js'
import { TOOLS } from '../probes/tools.js'
import { printable, printableJson } from '../stream/printable.js'
import { print } from './standard-streams.js'

/** A tool, in a line. */
export interface ToolLine {
  readonly tool: string
  readonly summary: string
  /** Why it cannot run here; absent where it runs. */
  readonly cannot?: string
}

/** `hivetap list`: the tools there are, and whether they run here. */
export function listCommand(): Command {
  return new Command('list')
    .summary('Name the tools, and say whether they run here')
    .description(
      'A line a tool: what it shows, and whether it runs here. hivetap doctor says how, and what would mend it.',
    )
    .addOption(
      new Option('-o, --output <FORMAT>', 'text for people, or JSON')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async (options: { output: 'text' | 'json' }) => {
      const tools = TOOLS.map(lineOf)
      await print(
        options.output === 'json'
          ? `${printableJson(JSON.stringify(tools, undefined, 2))}\n`
          : listText(tools),
      )
    })
}

/** Loads and attaches it on the best step that works, and takes it back. */
function lineOf(tool: AnyTool): ToolLine {
  const { name, summary } = tool
  try {
    openTool(tool, {}).session.close()
    return { tool: name, summary }
  } catch (error) {
    if (!(error instanceof NoRungError)) throw error
    return { tool: name, summary, cannot: error.message }
  }
}

/** The list for people. */
export function listText(tools: readonly ToolLine[]): string {
  const width = Math.max(...tools.map(({ tool }) => tool.length))
  const lines = tools.flatMap(({ tool, summary, cannot }) => [
    `${tool.padEnd(width)}  ${summary}`,
    ...(cannot === undefined ? [] : [`${' '.repeat(width)}  cannot run here: ${cannot}`]),
  ])
  const mend = tools.some(({ cannot }) => cannot !== undefined)
    ? ['', 'hivetap doctor says what would mend it.']
    : []
  return `${[...lines, ...mend].map(printable).join('\n')}\n`
}
