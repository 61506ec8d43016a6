// @ts-check
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSection } from '../../../scripts/generated-section.mjs'
import { ROOT } from '../../../scripts/root.mjs'
import { table } from '../../kernels/markdown.mjs'
import { Kubectl } from './kubectl.mjs'

const PAGE = join(ROOT, 'docs/cluster-tests.md')

/**
 * What a step of the story saw.
 *
 * @typedef {object} Seen
 * @property {number} at its place in the table: files of tests run in any order
 * @property {string} step
 * @property {string} seen
 * @property {string} source what it was held against
 */

/**
 * Keeps a step for the table of the run.
 *
 * @param {Seen} seen
 */
export function tell(seen) {
  const file = process.env['HIVETAP_CLUSTER_REPORT']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(seen)}\n`)
}

/**
 * Prints the table of a run, and writes it into the page if asked to.
 *
 * @param {string} file
 * @param {boolean} isWritten
 */
export async function printReport(file, isWritten) {
  if (!existsSync(file)) return
  /** @type {Seen[]} */
  const steps = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .sort((/** @type {Seen} */ a, /** @type {Seen} */ b) => a.at - b.at)
  const rows = steps.map(({ step, seen, source }) => [step, seen, source])
  const content = `${await describeCluster()}\n\n${table(['step', 'seen', 'held against'], rows)}`
  process.stdout.write(`\n${content}\n`)
  if (isWritten) writeSection(PAGE, 'last-run', content)
}

/** The cluster in a sentence: what tells one from another. */
async function describeCluster() {
  const kubectl = new Kubectl()
  /** @type {{ items: { status: { nodeInfo: Record<string, string> } }[] }} */
  const { items } = await kubectl.json(['get', 'nodes'])
  const all = (/** @type {string} */ key) =>
    [...new Set(items.map(({ status }) => status.nodeInfo[key] ?? '?'))].join(', ')
  const nodes = items.length === 1 ? '1 node' : `${items.length} nodes`
  return `Kubernetes ${all('kubeletVersion')}, ${nodes}, ${all('architecture')}: Linux ${all('kernelVersion')}, ${all('osImage')}, ${all('containerRuntimeVersion')}.`
}
