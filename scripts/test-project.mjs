// @ts-check
import { spawnSync } from 'node:child_process'
import { runTool } from './run.mjs'

/**
 * Runs a project of tests that need programs beside Node; arguments of the command are passed on to vitest. Where one is
 * missing nothing runs, and the last line says so; where the variable of the environment is 1, as in CI, that is a failure.
 *
 * @param {object} what
 * @param {string} what.project as vitest.config.ts calls it
 * @param {string} what.variable
 * @param {readonly (readonly [command: string, version: string, debian: string])[]} what.needs how each program is asked for its version, and Debian's package
 */
export function testProject({ project, variable, needs }) {
  const missing = needs.filter(([command, version]) => spawnSync(command, [version]).status !== 0)
  if (missing.length > 0) {
    const names = missing.map(([command]) => command).join(' and ')
    const packages = missing.map(([, , name]) => name).join(' ')
    const line = `NO ${project.toUpperCase()} TEST RAN: there is no ${names} here (Debian: apt-get install ${packages}).`
    process.stdout.write(`${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
    process.exit(process.env[variable] === '1' ? 1 : 0)
  }
  // vitest fails where no file is found, and no test of these projects skips itself.
  const args = ['run', `--project=${project}`, ...process.argv.slice(2)]
  process.exit(runTool('vitest/vitest.mjs', args) ? 0 : 1)
}
