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
    noTestRan(project, variable, `there is no ${names} here (Debian: apt-get install ${packages})`)
  }
  runProject(project)
}

/**
 * Says that nothing ran, and ends.
 *
 * @param {string} project
 * @param {string} variable of the environment: where it is 1, that is a failure
 * @param {string} why
 * @returns {never}
 */
export function noTestRan(project, variable, why) {
  const line = `NO ${project.toUpperCase()} TEST RAN: ${why}.`
  process.stdout.write(`${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
  process.exit(process.env[variable] === '1' ? 1 : 0)
}

/**
 * Runs the project, and ends as it does.
 *
 * @param {string} project
 * @returns {never}
 */
export function runProject(project) {
  // vitest fails where no file is found, and no test of these projects skips itself.
  const args = ['run', `--project=${project}`, ...process.argv.slice(2)]
  process.exit(runTool('vitest/vitest.mjs', args) ? 0 : 1)
}
