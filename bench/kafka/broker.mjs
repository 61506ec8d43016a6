// @ts-check
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { ROOT } from '../../scripts/root.mjs'

const RIG = join(ROOT, 'test/support/kafka/cluster.ts')

/**
 * A real broker, as the tests start theirs: what they are written in is translated first.
 *
 * @returns {Promise<import('../../test/support/kafka/cluster.js').KafkaCluster>}
 */
export async function startBroker() {
  const directory = join(ROOT, 'node_modules/.cache/hivetap-bench')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'broker.js')
  const build = await rolldown({
    input: RIG,
    platform: 'node',
    external: [/^[^./]/],
    // What lies beside it is found from where it stood.
    transform: { define: { 'import.meta.url': JSON.stringify(pathToFileURL(RIG).href) } },
  })
  await build.write({ file, format: 'esm' })
  await build.close()
  const { startCluster } = await import(pathToFileURL(file).href)
  return startCluster()
}
