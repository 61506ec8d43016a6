// @ts-check
/**
 * The tests of analysis/flink, on a real session cluster of Flink and a real broker: `npm run test:flink`. Arguments are passed on
 * to vitest. A quarter of an hour and 3 GB.
 *
 * They need Java 17; Maven and pip once. Where these are missing nothing runs, and the last line says so; with
 * HIVETAP_REQUIRE_FLINK=1 that is a failure.
 */
import { flinkBlockedBy, installFlink } from '../analysis/flink/install.mjs'
import { noTestRan, runProject } from './test-project.mjs'

const blocked = flinkBlockedBy()
if (blocked !== undefined) noTestRan('flink', 'HIVETAP_REQUIRE_FLINK', blocked)
await installFlink((line) => void process.stderr.write(`${line}\n`))
runProject('flink')
