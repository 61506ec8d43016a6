// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { release } from 'node:os'
import { createInterface } from 'node:readline'
import { resultOf } from './results.mjs'
import { stage } from './stage.mjs'

/**
 * Runs on this machine's kernel what guests run on theirs. It changes nothing for others: what a condition mounts or
 * hides, it does in a mount namespace of its own.
 *
 * @param {string} folder where the project is laid out
 * @param {import('./guests.mjs').Listener} listener
 * @param {{ node?: string, conditions?: readonly string[] }} [options]
 */
export async function tryHere(folder, listener, { node = process.execPath, conditions = [] } = {}) {
  stage(folder)
  listener.onVersion(release())
  const child = spawn(node, ['test/kernels/guest/main.js', 'here', 'plain', ...conditions], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const result = resultOf(line)
    if (result !== undefined) listener.onResult(result)
  }
  const [status] = await exit
  if (status !== 0) listener.onFailure(`the tests ended with status ${status}`)
}
