// @ts-check
/**
 * The tests: `npm test`. Arguments are passed on to vitest (`npm test -- elf`).
 *
 * Tests against the kernel are left out where BPF may not be used, and the last line says so. With
 * HIVETAP_REQUIRE_KERNEL=1, as in CI, that is a failure.
 */
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from './run.mjs'

const report = join(tmpdir(), `hivetap-tests-${process.pid}.json`)
const args = [
  'run',
  // What takes a broker is run by `npm run test:kafka`: nobody needs Java for these.
  '--project=unit',
  '--project=kernel',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]
const passed = runTool('vitest/vitest.mjs', args)
const kernel = kernelTests()
if (kernel.passed === 0) {
  const line = `NO KERNEL TEST RAN: ${kernel.skipped} were skipped, since BPF may not be used here (root, or CAP_BPF and CAP_PERFMON, are needed).`
  process.stdout.write(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
} else {
  process.stdout.write(
    `\nKernel tests: ${kernel.passed} ran against this kernel, ${kernel.skipped} were skipped.\n`,
  )
}
const required = process.env['HIVETAP_REQUIRE_KERNEL'] === '1'
process.exit(passed && (kernel.passed > 0 || !required || process.argv.length > 2) ? 0 : 1)

/** How many tests of *.kernel.test.ts ran and were skipped. */
function kernelTests() {
  const counts = { passed: 0, skipped: 0 }
  try {
    /** @type {{ testResults: { name: string, assertionResults: { status: string }[] }[] }} */
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
    for (const file of testResults) {
      if (!file.name.endsWith('.kernel.test.ts')) continue
      for (const { status } of file.assertionResults) {
        if (status === 'passed') counts.passed++
        if (status === 'skipped' || status === 'pending') counts.skipped++
      }
    }
  } finally {
    rmSync(report, { force: true })
  }
  return counts
}
