import { readFileSync, readlinkSync } from 'node:fs'
import { Client, type Connected, canonical, type EndPoint } from '../../support/client.js'
import { procStat } from '../../support/proc-stat.js'
import { cgroupOf, type ExpectedEvent, type Trial, within } from './trial.js'

/** A port on loopback where nobody listens. */
const NOBODY = 1
const ADDRESSES = [
  { address: '127.0.0.1', version: 4 },
  { address: '::1', version: 6 },
  { address: '::ffff:127.0.0.1', version: 6 },
] as const

/** Connects of a program of the test's own: IPv4, IPv6 and IPv4 within IPv6, one answered and one refused of each. */
export async function beginConnects(args: readonly string[]): Promise<Trial> {
  const client = new Client()
  const who = await client.who()
  const expect = (connected: Connected, remote: EndPoint, version: number): ExpectedEvent => ({
    pid: who.pid,
    tid: who.pid,
    uid: who.uid,
    comm: who.comm,
    cgroup_id: cgroupOf(who.pid),
    exe: readlinkSync(`/proc/${who.pid}/exe`),
    process_start: isStartOf(who.pid),
    netns: who.netns,
    ip_version: version,
    source_address: canonical(connected.local.address),
    source_port: connected.local.port,
    destination_address: canonical(remote.address),
    destination_port: remote.port,
    retransmits: 0,
    fast_open: false,
    // The test's own clock stood around the connect: neither latency nor round trip can be more than that.
    latency_us: within(connected.tookUs),
    ...(connected.errno === 0
      ? {
          outcome: 'connected',
          cause: (cause: unknown) => ['network', 'host', 'unknown'].includes(String(cause)),
          srtt_us: within(connected.tookUs),
        }
      : { outcome: 'refused', error: 'ECONNREFUSED', error_code: 111 }),
  })
  return {
    args: ['-p', String(who.pid), ...args],
    async act() {
      const expected: ExpectedEvent[] = []
      for (const { address, version } of ADDRESSES) {
        const listener = await client.listen(address)
        const good = await client.connect(listener)
        expected.push(expect(good, listener, version))
        const remote = { address, port: NOBODY }
        expected.push(expect(await client.connect(remote), remote, version))
        await client.close(good.fd)
        await client.close(listener.fd)
      }
      return expected
    },
    stop: () => client.stop(),
  }
}

/** Whether a time is when a process began, as /proc says it: in hundredths of a second since a second at which the host was started. */
function isStartOf(pid: number): (time: unknown) => boolean {
  const bootedAt = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
  const startedAt = bootedAt + procStat(pid).startTicks / 100
  return (time) => Math.abs(Date.parse(String(time)) / 1000 - startedAt) < 1.5
}
