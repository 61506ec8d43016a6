// @ts-check
/**
 * Makes every generated file anew: the layouts of system calls, object files and their TypeScript, what other programs
 * say of the tests' objects, the list of tools, the agent's keys, event.proto, the reference pages, the Helm chart's values and its rendering.
 * With `--check`, as CI calls it, a difference from what is checked in is a failure.
 */
import { execFileSync } from 'node:child_process'
import { ROOT } from './root.mjs'
import { run } from './run.mjs'

const node = process.execPath
const steps = [
  () => run(node, ['scripts/generate-abi.mjs']),
  () => run(node, ['scripts/objects.mjs']),
  () => run(node, ['scripts/generate-fixtures.mjs']),
  () => run(node, ['scripts/generate-tools.mjs']),
  () => run(node, ['scripts/build.mjs']),
  () => run(node, ['scripts/generate-agent.mjs']),
  () => run(node, ['scripts/generate-proto.mjs']),
  () => run(node, ['scripts/build.mjs']),
  () => run(node, ['scripts/generate-docs.mjs']),
  () => run(node, ['scripts/generate-agent-docs.mjs']),
  () => run(node, ['scripts/generate-alerts.mjs']),
  () => run(node, ['scripts/generate-detection.mjs']),
  () => run(node, ['scripts/generate-chart.mjs']),
]
if (!steps.every((step) => step())) process.exit(1)
if (process.argv.includes('--check')) {
  const changed = execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' })
  if (changed !== '') {
    process.stderr.write(
      `${changed}generate: what is checked in is not what is generated: run \`npm run generate\`, and commit\n`,
    )
    process.exit(1)
  }
}
