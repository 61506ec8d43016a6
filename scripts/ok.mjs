// @ts-check
/**
 * The one fast check before a commit: `npm run ok`. Format and lint, types, layers, unit tests; under a minute.
 *
 *   --no-tests   all but the unit tests, where they have run
 */
import { performance } from 'node:perf_hooks'
import { run, runTool } from './run.mjs'

/** @type {readonly (readonly [string, () => boolean])[]} */
const STEPS = [
  ['format and lint', () => runTool('@biomejs/biome/bin/biome', ['check', '.'])],
  ['build and types', () => run(process.execPath, ['scripts/build.mjs'])],
  ['types of tests and scripts', () => runTool('typescript/bin/tsc', ['--project', 'tsconfig.check.json'])],
  ['layers', () => run(process.execPath, ['scripts/check-layers.mjs'])],
  ['unit tests', () => runTool('vitest/vitest.mjs', ['run', '--project', 'unit', '--reporter=minimal'])],
]

const begin = performance.now()
for (const [name, step] of process.argv.includes('--no-tests') ? STEPS.slice(0, -1) : STEPS) {
  const start = performance.now()
  if (!step()) {
    process.stderr.write(`ok: ${name} failed\n`)
    process.exit(1)
  }
  process.stdout.write(`ok: ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`)
}
process.stdout.write(`ok: all, in ${((performance.now() - begin) / 1000).toFixed(0)} s\n`)
