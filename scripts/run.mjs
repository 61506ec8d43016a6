// @ts-check
import { spawnSync } from 'node:child_process'
import { ROOT } from './root.mjs'

/**
 * Runs a program in the checkout, its output shown; whether it ended well.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, [...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`)
  return status === 0
}

/**
 * Runs one of the checkout's own tools by its script in node_modules.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 */
export function runTool(script, args, env = {}) {
  return run(process.execPath, [`${ROOT}/node_modules/${script}`, ...args], env)
}
