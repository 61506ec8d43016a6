import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../test/support/examples.js'
import { POD_SOURCE } from '../../../../test/support/identities.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import { type FormatWish, toolFormat } from './tool-format.js'

const EVENT = { ...CONNECT, comm: 'curl', pid: 42, destinationAddress: '10.0.0.1', destinationPort: 443 }
const rows = (wish: Omit<FormatWish, 'output'>, wide = false) => {
  const identify = () => ({
    process: { start: '2026-11-28T05:00:00.123Z', executable: '/usr/bin/curl' },
    source: POD_SOURCE,
    farEnd: { service: { namespace: 'shop', name: 'cart' } },
  })
  const table = toolFormat(
    tcpconnlat,
    { wide },
    { missing: new Map() },
    { output: 'table', ...wish },
    { identify },
  )
  return [table.head, table.line(EVENT)].map((line) => line.trim().split(/ +/))
}

describe('toolFormat', () => {
  it('shows the columns that are asked for, in their order', () => {
    expect(
      rows({ columns: ['POD', 'exe', 'comm', 'lat', 'DADDR', 'workload', 'service', 'retrans'] }),
    ).toEqual([
      ['POD', 'EXE', 'COMM', 'LAT(ms)', 'DADDR', 'WORKLOAD', 'SERVICE', 'RETRANS'],
      [
        'checkout-1',
        '/usr/bin/curl',
        'curl',
        expect.stringMatching(/^\d+\.\d\d$/),
        '10.0.0.1',
        'Deployment/checkout',
        'shop/cart',
        '0',
      ],
    ])
  })

  it('names pods in a wide table on a node of Kubernetes, and nowhere else', () => {
    const [head = [], row = []] = rows({ namesPods: true }, true)
    expect(head.slice(0, 5)).toEqual(['NODE', 'NAMESPACE', 'POD', 'CONTAINER', 'PID'])
    expect(row.slice(0, 5)).toEqual(['n1', 'shop', 'checkout-1', 'app', '42'])
    for (const [namesPods, wide] of [
      [true, false],
      [false, true],
    ] as const)
      expect(rows({ namesPods }, wide)[0]?.[0]).toBe('PID')
  })

  it('says which columns there are', () => {
    expect(() => rows({ columns: ['pid', 'podd'] })).toThrow(
      /There is no column "podd"; did you mean pod\?.*daddr/s,
    )
    for (const name of ['pid', 'lport', 'cause', 'pod', 'service'])
      expect(() => rows({ columns: ['podd'] })).toThrow(new RegExp(`There are: (.*, )?${name}[,.]`))
  })
})
