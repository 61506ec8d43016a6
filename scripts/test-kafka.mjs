// @ts-check
/**
 * The tests against real Kafka brokers: `npm run test:kafka`. Arguments are passed on to vitest.
 *
 * They need Java 17, and Maven once. Where these are missing nothing runs, and the last line says so; with
 * HIVETAP_REQUIRE_KAFKA=1, as in CI, that is a failure.
 */
import { spawnSync } from 'node:child_process'
import { runTool } from './run.mjs'

const missing = [
  ['java', '-version', 'openjdk-17-jre-headless'],
  ['mvn', '-v', 'maven'],
  ['openssl', 'version', 'openssl'],
].filter(([command = '', version = '']) => spawnSync(command, [version]).status !== 0)

if (missing.length > 0) {
  const names = missing.map(([command]) => command).join(' and ')
  const packages = missing.map(([, , name]) => name).join(' ')
  const line = `NO KAFKA TEST RAN: there is no ${names} here (Debian: apt-get install ${packages}).`
  process.stdout.write(`${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
  process.exit(process.env['HIVETAP_REQUIRE_KAFKA'] === '1' ? 1 : 0)
}
// vitest fails where no file is found, and no test of this project skips itself.
process.exit(runTool('vitest/vitest.mjs', ['run', '--project=kafka', ...process.argv.slice(2)]) ? 0 : 1)
