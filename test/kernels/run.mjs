// @ts-check
/**
 * Tries hivetap on other kernels, and on this one: `npm run test:kernels`.
 *
 *   --only COLUMN,…   some kernels: 5.10, 6.1, 6.12, sid, here
 *   --under ID,…      some conditions, by their ids in guest/conditions.mjs
 *   --write           puts the tables into README.md and docs/kernels.md
 *   --check           fails where those pages say anything else; of some kernels, where the tables of steps do
 *   --jobs N          guests at a time; 2 unless told
 *
 * It boots Debian's kernels under qemu and runs every tool under every condition in each, on steps of its ladder (test/
 * kernels/guest). It fails where a value is wrong, where a step fails without saying why, and where no cell ran.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments } from '../../scripts/arguments.mjs'
import { ROOT } from '../../scripts/root.mjs'
import { CONDITIONS } from './guest/conditions.mjs'
import { Guests } from './guests.mjs'
import { tryHere } from './here.mjs'
import { BOOTS, SUITES } from './kernels.mjs'
import { checkColumns, checkPages, writePages } from './pages.mjs'
import { describeResult } from './results.mjs'

// Guests go with it: boot.mjs kills them at exit.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

const { values } = readArguments(import.meta.url, {
  options: {
    only: { type: 'string' },
    under: { type: 'string' },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
})
const wanted = values.only?.split(',')
const under = values.under?.split(',') ?? []
const isBootWanted = (/** @type {keyof typeof BOOTS} */ boot) =>
  under.length === 0 || CONDITIONS[boot].some(({ id }) => under.includes(id))
const isWanted = (/** @type {string} */ column) => wanted === undefined || wanted.includes(column)

/** @typedef {import('./results.mjs').KernelResults} KernelResults */
/** @type {Map<string, { version: string, results: import('./results.mjs').Result[] }>} */
const found = new Map()
/** @type {string[]} */
const failures = []

/**
 * @param {string} column
 * @returns {import('./guests.mjs').Listener}
 */
function listen(column) {
  return {
    onVersion: (version) => {
      entry(column).version = version
    },
    onResult: (result) => {
      entry(column).results.push(result)
      const says = result.state === 'ok' ? '' : `: ${result.reason}`
      process.stdout.write(`${column.padEnd(5)} ${result.state.padEnd(5)} ${describeResult(result)}${says}\n`)
      if (result.state === 'wrong') failures.push(`${column}: ${describeResult(result)}: ${result.reason}`)
    },
    onFailure: (message) => {
      failures.push(`${column}: ${message}`)
      process.stdout.write(`${column.padEnd(5)} FAILED ${message}\n`)
    },
  }
}

/** @param {string} column */
function entry(column) {
  const known = found.get(column) ?? { version: '', results: [] }
  found.set(column, known)
  return known
}

const cache = join(ROOT, '.cache/kernels')
mkdirSync(cache, { recursive: true })
if (isWanted('here')) await tryHere(join(cache, 'here'), listen('here'), { conditions: under })
const suites = SUITES.filter(({ column }) => isWanted(column))
if (suites.length > 0) {
  const guests = new Guests(cache)
  const boots = /** @type {(keyof typeof BOOTS)[]} */ (Object.keys(BOOTS)).filter(isBootWanted)
  const jobs = suites.flatMap((suite) =>
    boots.map((boot) => () => guests.run(suite, boot, listen(suite.column), under)),
  )
  await inParallel(jobs, Number(values.jobs))
}

/** @type {KernelResults[]} */
const kernels = ['here', ...SUITES.map(({ column }) => column)].flatMap((column) => {
  const known = found.get(column)
  return known === undefined ? [] : [{ column, ...known }]
})
const cells = kernels.flatMap(({ results }) => results.filter(({ kind }) => kind === 'cell'))
if (cells.length === 0) failures.push('no cell ran')
// For whoever looks closer than the pages do.
writeFileSync(join(cache, 'results.json'), JSON.stringify(kernels))
if (values.write) writePages(kernels)
if (values.check) failures.push(...(wanted === undefined ? checkPages(kernels) : checkColumns(kernels)))

process.stdout.write(
  `\n${kernels.length} kernels, ${cells.length} cells: ${cells.filter(({ state }) => state === 'ok').length} ok, ` +
    `${cells.filter(({ state }) => state === 'no').length} that cannot be and say why, ` +
    `${cells.filter(({ state }) => state === 'wrong').length} wrong\n`,
)
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`)
process.exit(failures.length === 0 ? 0 : 1)

/**
 * @param {(() => Promise<void>)[]} jobs
 * @param {number} count
 */
async function inParallel(jobs, count) {
  const worker = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job()
  }
  await Promise.all(Array.from({ length: count }, worker))
}
