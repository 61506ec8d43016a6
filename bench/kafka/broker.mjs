// @ts-check
import { importTypeScript } from '../import-ts.mjs'

/**
 * A real broker, as the tests start theirs.
 *
 * @returns {Promise<import('../../test/support/kafka/cluster.js').KafkaCluster>}
 */
export async function startBroker() {
  const { startCluster } = /** @type {typeof import('../../test/support/kafka/cluster.js')} */ (
    await importTypeScript('test/support/kafka/cluster.ts')
  )
  return startCluster()
}
