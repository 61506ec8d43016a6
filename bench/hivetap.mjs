// @ts-check
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../scripts/root.mjs'
import { Program } from './program.mjs'

/** What npm installs as `hivetap`. */
export const COMMAND = join(ROOT, 'packages/hivetap/bin/hivetap.js')

/**
 * Starts hivetap, and waits until all its tools are attached.
 *
 * @param {readonly [tool: string, ...args: string[]]} args
 * @param {number | 'pipe' | 'ignore'} [stdout] a descriptor in place of a pipe
 */
export async function startHivetap(args, stdout = 'pipe') {
  const program = new Program(process.execPath, [COMMAND, ...args, '-v'], { stdout })
  const tools = args[0] === 'trace' ? (args[1]?.split(',').length ?? 0) : 1
  await program.until(() => program.stderr.split('attached by').length > tools, 'it was attached')
  return program
}

/**
 * The command that runs all tools in one process.
 *
 * @returns {readonly ['trace', ...string[]]}
 */
export function allTools() {
  /** @type {{ tool: string, cannot?: string }[]} */
  const tools = JSON.parse(
    execFileSync(process.execPath, [COMMAND, 'list', '-o', 'json'], { encoding: 'utf8' }),
  )
  return ['trace', tools.map(({ tool }) => tool).join(','), '-o', 'json']
}
