import { Client } from '../client.js'
import { Machine } from './machine.js'
import { Service } from './service.js'

/** The service in a machine, and a program in the machine's network whose connects it is to tell. */
export interface RunningService {
  readonly machine: Machine
  readonly service: Service
  readonly client: Client
  /** Its configuration: connects of the client, to a file, unless other sinks are given; more keys at the end. */
  configure(changes?: { tools?: string; sinks?: string; more?: string }): void
  close(): Promise<void>
}

/** Boots a machine, and installs the unit in it; the service is not started. */
export async function serviceInMachine(): Promise<RunningService> {
  const machine = await Machine.boot()
  const client = new Client(machine.inNetwork)
  const close = async () => {
    client.stop()
    await machine.close()
  }
  try {
    const service = await Service.install(machine)
    const { pid } = await client.who()
    const configure: RunningService['configure'] = ({
      tools = '[tcpconnect]',
      sinks = '[{ type: file, path: /var/lib/hivetap/events.jsonl }]',
      more = '',
    } = {}) =>
      service.configure(`node: here
tools: ${tools}
filters: { pid: ${pid} }
spool: { dir: /var/lib/hivetap/spool }
sinks: ${sinks}
health: { socket: /run/hivetap/health.sock }
${more}`)
    return { machine, service, client, configure, close }
  } catch (error) {
    await close()
    throw error
  }
}
