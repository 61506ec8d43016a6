// @ts-check
const EPOCH = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'
const START_MS = Date.parse('2026-11-28T05:00:00Z')
const NAMES = [
  'curl',
  'wget',
  'node',
  'python3.11',
  'my app',
  'nginx',
  'ssh',
  'java',
  'Chrome_ChildIOT',
  'ruby',
]

/** Events as `hivetap tcpconnlat -o json` writes them. @param {number} count */
export function jsonLines(count) {
  let lines = ''
  for (let index = 0; index < count; index++) {
    const { address, pid, comm, us, port } = connect(index)
    const second = new Date(START_MS + Math.floor(index / 1000) * 1000).toISOString().slice(0, 19)
    const time = `${second}.${String((index % 1000) * 1_000_000 + 123_456).padStart(9, '0')}Z`
    lines +=
      `{"version":1,"event_id":"${EPOCH}-${index}","time":"${time}","host":"node-${index % 20}","tool":"tcpconnlat",` +
      `"pid":${pid},"latency_us":${us},"cgroup_id":4242,"comm":"${comm}","source_address":"10.0.0.1",` +
      `"destination_address":"${address}","tid":${pid},"uid":0,"netns":4026531840,"srtt_us":200,"retransmits":0,` +
      `"source_port":${40_000 + (index % 1000)},"destination_port":${port},"ip_version":4,"outcome":"connected",` +
      `"cause":"network","fast_open":false}\n`
  }
  return Buffer.from(lines)
}

/** Rows as `tcpconnlat -t` of libbpf-tools prints them, below their header. @param {number} count */
export function tableLines(count) {
  let lines = 'TIME(s)   PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)\n'
  for (let index = 0; index < count; index++) {
    const { address, pid, comm, us, port } = connect(index)
    const [time, name] = [(index / 1000).toFixed(3).padEnd(9), comm.slice(0, 12).padEnd(12)]
    const ends = `${'10.0.0.1'.padEnd(16)} ${address.padEnd(16)} ${String(port).padEnd(5)}`
    lines += `${time} ${String(pid).padEnd(6)} ${name} 4  ${ends} ${(us / 1000).toFixed(2)}\n`
  }
  return Buffer.from(lines)
}

/** One in a thousand is slow. @param {number} index */
function connect(index) {
  return {
    address: `10.0.1.${index % 200}`,
    pid: 1000 + (index % 50),
    comm: NAMES[index % NAMES.length] ?? '',
    us: index % 1000 === 999 ? 250_000 : (index * 7919) % 10_007,
    port: 443,
  }
}
