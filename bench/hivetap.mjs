// @ts-check
import { join } from 'node:path'
import { ROOT } from '../scripts/root.mjs'
import { Program } from './program.mjs'

const COMMAND = join(ROOT, 'packages/hivetap/bin/hivetap.js')

/**
 * Starts `hivetap tcpconnlat`, and waits until it is attached.
 *
 * @param {readonly string[]} args
 * @param {number | 'pipe' | 'ignore'} [stdout] a descriptor in place of a pipe
 */
export async function startHivetap(args, stdout = 'pipe') {
  const program = new Program(process.execPath, [COMMAND, 'tcpconnlat', '-v', ...args], { stdout })
  await program.until(() => program.stderr.includes('attached by'), 'it was attached')
  return program
}
