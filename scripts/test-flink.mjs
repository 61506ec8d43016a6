// @ts-check
/**
 * The tests of analysis/flink, on a real session cluster of Flink and a real broker: `npm run test:flink`. Arguments are passed on
 * to vitest. Ten minutes and 3 GB.
 *
 * They need Java 17; Maven and pip once. Where these are missing nothing runs, and the last line says so; with
 * HIVETAP_REQUIRE_FLINK=1 that is a failure.
 */
import { flinkBlockedBy, installFlink } from '../analysis/flink/install.mjs'
import { runTool } from './run.mjs'

const blocked = flinkBlockedBy()
if (blocked !== undefined) {
  const line = `NO FLINK TEST RAN: ${blocked}.`
  process.stdout.write(`${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
  process.exit(process.env['HIVETAP_REQUIRE_FLINK'] === '1' ? 1 : 0)
}
await installFlink((line) => void process.stderr.write(`${line}\n`))
process.exit(runTool('vitest/vitest.mjs', ['run', '--project=flink', ...process.argv.slice(2)]) ? 0 : 1)
