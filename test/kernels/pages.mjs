// @ts-check
/** The tables in README.md and docs/kernels.md. */
import { join } from 'node:path'
import { readSection, writeSection } from '../../scripts/generated-section.mjs'
import { ROOT } from '../../scripts/root.mjs'
import { CONDITIONS } from './guest/conditions.mjs'
import { SUITES } from './kernels.mjs'
import { pageCells } from './page-cells.mjs'
import { stepTables, wireTable } from './step-tables.mjs'
import { restrictionTable, supportTable } from './tables.mjs'

/** @typedef {import('./results.mjs').KernelResults} KernelResults */

const README = join(ROOT, 'README.md')
const KERNELS = join(ROOT, 'docs/kernels.md')
const NAMES = [...CONDITIONS.plain, ...CONDITIONS.lockdown].filter(({ steps }) => steps !== 'chosen')
/** Those that are tried on some kernels alone, with one step. */
const RESTRICTIONS = CONDITIONS.plain.filter(({ steps }) => steps === 'chosen')

/** The tool that those are tried with. */
const RESTRICTED_TOOL = 'tcpconnlat'

/**
 * @param {readonly KernelResults[]} kernels
 * @returns {readonly { page: string, section: string, content: string }[]}
 */
function sections(kernels) {
  return [
    { page: README, section: 'kernels', content: supportTable(kernels, NAMES) },
    { page: KERNELS, section: 'steps', content: stepTables(kernels, NAMES) },
    { page: KERNELS, section: 'older', content: restrictionTable(kernels, RESTRICTIONS, RESTRICTED_TOOL) },
    { page: KERNELS, section: 'wire', content: wireTable(kernels, NAMES) },
  ]
}

/** @param {readonly KernelResults[]} kernels */
export function writePages(kernels) {
  for (const { page, section, content } of sections(kernels)) writeSection(page, section, content)
  writeSection(
    KERNELS,
    'versions',
    kernels.map(({ column, version }) => `- ${column}: ${version}`).join('\n'),
  )
}

/**
 * What the pages say otherwise. The versions do not count: a suite's kernel is mended while its tables stay.
 *
 * @param {readonly KernelResults[]} kernels
 * @returns {string[]}
 */
export function checkPages(kernels) {
  return sections(kernels).flatMap(({ page, section, content }) => {
    const written = readSection(page, section)
    if (written === content) return []
    const lines = new Set(written.split('\n'))
    const differing = content.split('\n').filter((line) => !lines.has(line))
    return [
      `${page}, section ${section}, says otherwise (npm run test:kernels -- --write):\n${differing.join('\n')}`,
    ]
  })
}

/**
 * The same of some kernels alone: cell by cell, of those tables that have a column a kernel.
 *
 * @param {readonly KernelResults[]} kernels
 * @returns {string[]}
 */
export function checkColumns(kernels) {
  const columns = kernels.map(({ column }) => column)
  const all = ['here', ...SUITES.map(({ column }) => column)]
  return sections(kernels)
    .filter(({ page, section }) => page === KERNELS && section !== 'older')
    .flatMap(({ page, section, content }) => {
      const found = pageCells(content, columns, all)
      const written = pageCells(readSection(page, section), columns, all)
      return [...new Set([...found.keys(), ...written.keys()])]
        .filter((where) => found.get(where) !== written.get(where))
        .map((where) => `${page}, ${where}: ${found.get(where)}, and it says ${written.get(where)}`)
    })
}
