import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokerProperties } from './broker-properties.js'
import { freePorts } from './free-ports.js'
import { installKafka, kafkaCache } from './install.js'
import { classArchive, runJava } from './java.js'
import { KafkaNode } from './node.js'

/** Makes, once, what lets a broker start in half the time: a broker is started, and leaves its classes when it ends. */
export async function prepareClassArchive(): Promise<void> {
  await installKafka()
  if (existsSync(classArchive())) return
  mkdirSync(kafkaCache(), { recursive: true })
  const directory = mkdtempSync(join(kafkaCache(), 'making-'))
  try {
    const [client = 0, internal = 0, controller = 0] = await freePorts(3)
    const ports = { client, internal, controller, advertised: client }
    const file = join(directory, 'server.properties')
    const host = '127.0.0.1'
    const options = { nodes: [ports], host, directory, sasl: [], password: '', properties: {} }
    writeFileSync(file, brokerProperties(0, options))
    const id = 'AAAAAAAAAAAAAAAAAAAAAA'
    await runJava('kafka.tools.StorageTool', ['format', '-t', id, '-c', file])
    const node = new KafkaNode(file, join(directory, 'log'))
    const made = join(directory, 'classes.jsa')
    await node.start([`-XX:ArchiveClassesAtExit=${made}`])
    await node.stop()
    // Without it everything works, slower.
    if (existsSync(made)) renameSync(made, classArchive())
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
