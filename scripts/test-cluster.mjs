// @ts-check
/**
 * The story of hivetap on a real Kubernetes cluster: `npm run test:cluster`. Arguments are passed on to vitest, but for
 * `--write`, which puts what was seen into docs/cluster-tests.md.
 *
 *   KUBECONFIG          the cluster; without, one of this machine (npm run cluster:up), brought up if it is not, and then ended
 *   HIVETAP_IMAGE       the image that its nodes pull; for a cluster of this machine an OCI archive, or nothing: then one is made
 *   HIVETAP_KAFKA_HOST  an address of this machine that its pods reach, for a broker; known for a cluster of this machine
 *
 * Where there is no cluster nothing runs, and the last line says so; with HIVETAP_REQUIRE_CLUSTER=1 that is a failure. However
 * it ends, what it put on the cluster is removed.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterInstance } from '../test/cluster/instance.mjs'
import { givenCluster } from '../test/cluster/story/given-cluster.mjs'
import { givenImage } from '../test/cluster/story/given-image.mjs'
import { removeRun } from '../test/cluster/story/remove-run.mjs'
import { printReport } from '../test/cluster/story/report.mjs'
import { ROOT } from './root.mjs'
import { noTestRan } from './test-project.mjs'

const VARIABLE = 'HIVETAP_REQUIRE_CLUSTER'

const args = process.argv.slice(2)
const isWritten = args.includes('--write')
/** @type {(() => Promise<void>)[]} */
const releases = []
/** @type {import('node:child_process').ChildProcess | undefined} */
let tests
let isInterrupted = false
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    if (!isInterrupted) process.stdout.write('\nends, and removes what it put on the cluster\n')
    isInterrupted = true
    endTests()
  })

let isPassed = false
try {
  isPassed = await runTests()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
}
for (const release of releases.reverse()) {
  try {
    await release()
  } catch (error) {
    isPassed = false
    process.stderr.write(`something is left: ${error instanceof Error ? error.message : error}\n`)
  }
}
process.exit(isInterrupted ? 130 : isPassed ? 0 : 1)

/** Ends the tests with all that they started: brokers, and commands of kubectl that wait. */
function endTests() {
  if (tests?.pid === undefined || tests.exitCode !== null || tests.signalCode !== null) return
  process.kill(-tests.pid, 'SIGTERM')
}

async function runTests() {
  const cluster = await givenCluster()
  if (typeof cluster === 'string') noTestRan('cluster', VARIABLE, cluster)
  releases.push(cluster.release)
  Object.assign(process.env, cluster.environment)
  if (isInterrupted) return false

  const run = randomBytes(3).toString('hex')
  const { image, release } = await givenImage(run, cluster.isOwn)
  releases.push(release, () => removeRun(run, image))
  if (isInterrupted) return false

  const folder = mkdtempSync(join(tmpdir(), 'hivetap-story-'))
  const report = join(folder, 'report.jsonl')
  releases.push(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const host = process.env['HIVETAP_KAFKA_HOST'] ?? (cluster.isOwn ? clusterInstance().host : undefined)
  const env = {
    ...process.env,
    // What a test that is interrupted leaves there goes too.
    TMPDIR: folder,
    HIVETAP_IMAGE: image,
    HIVETAP_CLUSTER_OWN: cluster.isOwn ? '1' : '0',
    HIVETAP_CLUSTER_RUN: run,
    HIVETAP_CLUSTER_REPORT: report,
    ...(host === undefined ? {} : { HIVETAP_KAFKA_HOST: host }),
  }
  const vitest = [`${ROOT}/node_modules/vitest/vitest.mjs`, 'run', '--project=cluster']
  const rest = args.filter((arg) => arg !== '--write')
  // In a group of its own: a key that interrupts reaches this process alone, which asks the tests to end.
  tests = spawn(process.execPath, [...vitest, ...rest], { cwd: ROOT, env, stdio: 'inherit', detached: true })
  const [code] = await once(tests, 'exit')
  if (!isInterrupted) await printReport(report, isWritten)
  return code === 0
}
