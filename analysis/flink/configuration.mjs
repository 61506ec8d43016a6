// @ts-check
/** The configuration of a session cluster on this machine: on loopback alone, and small. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} ClusterConfiguration
 * @property {string} home where Flink is
 * @property {string} directory where the cluster keeps what it needs; goes with it
 * @property {number} rpcPort
 * @property {number} restPort
 * @property {number} slots of each TaskManager
 * @property {'hashmap' | 'rocksdb'} state where state is while a job runs: in memory, or on disk
 * @property {string} taskManagerMemory
 */

/**
 * Flink's config.yaml.
 *
 * @param {ClusterConfiguration} options
 */
export function configuration({ home, directory, rpcPort, restPort, slots, state, taskManagerMemory }) {
  const settings = {
    'env.java.opts.all': `${javaOptions(home)} -XX:+UseSerialGC -XX:-UsePerfData -Djava.io.tmpdir=${directory}/tmp`,
    'jobmanager.rpc.address': '127.0.0.1',
    'jobmanager.rpc.port': rpcPort,
    'jobmanager.bind-host': '127.0.0.1',
    'jobmanager.memory.process.size': '800m',
    'rest.address': '127.0.0.1',
    'rest.bind-address': '127.0.0.1',
    'rest.port': restPort,
    // Jobs come from the SQL client; nobody uploads programs.
    'web.submit.enable': false,
    'taskmanager.host': '127.0.0.1',
    'taskmanager.bind-host': '127.0.0.1',
    'taskmanager.memory.process.size': taskManagerMemory,
    'taskmanager.memory.managed.fraction': state === 'rocksdb' ? 0.4 : 0.05,
    'taskmanager.numberOfTaskSlots': slots,
    'state.backend.type': state,
    'execution.checkpointing.incremental': state === 'rocksdb',
    'execution.checkpointing.dir': `file://${directory}/checkpoints`,
    'io.tmp.dirs': join(directory, 'tmp'),
    'env.pid.dir': directory,
    'env.log.dir': directory,
    // Where the machine is busy with more, a TaskManager that is given a step takes longer than the ten seconds there are by itself.
    'pekko.ask.timeout': '60 s',
    // A TaskManager that was killed is missed soon.
    'heartbeat.interval': '2 s',
    'heartbeat.timeout': '15 s',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('')
}

/**
 * What Java 17 needs to be told for Flink, as the configuration that came with it says.
 *
 * @param {string} home
 */
function javaOptions(home) {
  const shipped = readFileSync(join(home, 'conf', 'config.yaml'), 'utf8')
  return /^\s+all:\s*(--add-\S.*)$/m.exec(shipped)?.[1]?.trim() ?? ''
}

/**
 * Logging, to the standard output.
 *
 * @param {'INFO' | 'WARN'} level
 */
export const logging = (level) => `rootLogger.level = ${level}
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
logger.kafka.name = org.apache.flink.kafka.shaded.org.apache.kafka
logger.kafka.level = WARN
logger.netty.name = org.jboss.netty
logger.netty.level = OFF
`
