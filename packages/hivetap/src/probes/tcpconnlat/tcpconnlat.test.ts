import { execFileSync } from 'node:child_process'
import { constants } from 'node:os'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../../test/support/examples.js'
import { type ConnectEvent, outcomeLabels } from './tcpconnlat.bpf.js'
import { type TcpconnlatOptions, tcpconnlat } from './tcpconnlat.js'

/** The texts of an event's columns, by their headers. */
function texts(
  event: Partial<ConnectEvent>,
  options: TcpconnlatOptions = {},
): Record<string, string | undefined> {
  return Object.fromEntries(
    tcpconnlat.columns(options).map((column) => [column.header, column.text({ ...CONNECT, ...event })]),
  )
}

/** The value of an event's field. */
function field(name: string, event: Partial<ConnectEvent>): unknown {
  const found = tcpconnlat.fields.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`there is no field ${name}`)
  return found.value({ ...CONNECT, ...event })
}

const headers = (options: TcpconnlatOptions) => tcpconnlat.columns(options).map((column) => column.header)

describe('tcpconnlat’s columns', () => {
  it.each([
    { options: {}, columns: 'PID COMM IP SADDR DADDR DPORT LAT(ms)' },
    { options: { lport: true }, columns: 'PID COMM IP SADDR LPORT DADDR DPORT LAT(ms)' },
    { options: { timestamp: true }, columns: 'TIME(s) PID COMM IP SADDR DADDR DPORT LAT(ms)' },
    {
      options: { wide: true },
      columns: 'PID COMM IP SADDR DADDR DPORT LAT(ms) OUTCOME CAUSE SRTT(ms) RETRANS',
    },
    {
      options: { wide: true, lport: true, timestamp: true },
      columns: 'TIME(s) PID COMM IP SADDR LPORT DADDR DPORT LAT(ms) OUTCOME CAUSE SRTT(ms) RETRANS',
    },
  ])('$options: $columns', ({ options, columns }) => {
    expect(headers(options)).toEqual(columns.split(' '))
  })

  it('have milliseconds as the C of bcc writes them, by %.2f of a double', () => {
    // awk(1) computes and prints with doubles as C does; printf(1) would with long doubles. Every microsecond of the first
    // 20 ms, and some of the long ones: among them what lies exactly between two, such as 0.125.
    const long = fc.sample(fc.oneof(fc.nat(), fc.maxSafeNat()), 2000)
    const all = [...Array.from({ length: 20_000 }, (_, us) => us), ...long]
    const awk = execFileSync('awk', ['{ printf "%.2f\\n", $1 / 1000 }'], {
      input: `${all.join('\n')}\n`,
      encoding: 'utf8',
    })
    const ours = all.map((latencyUs) => texts({ latencyUs })['LAT(ms)'])
    expect(`${ours.join('\n')}\n`).toBe(awk)
  })

  it('begin the time with the first line, and keep to it', () => {
    const column = tcpconnlat.columns({ timestamp: true })[0]
    const at = (timeNs: number) => column?.text({ ...CONNECT, timeNs })
    expect([5e9, 5e9 + 120_400_000, 7e9].map(at)).toEqual(['0.000', '0.120', '2.000'])
    // A perf buffer a CPU: what happened earlier may be read later.
    expect(at(4.5e9)).toBe('-0.500')
    // Another table begins anew.
    expect(texts({ timeNs: 9e9 }, { timestamp: true })['TIME(s)']).toBe('0.000')
  })

  it('are without what a failed connect has none of', () => {
    const wide = { wide: true }
    expect(texts({ outcome: 'refused', srttUs: 0 }, wide)).toMatchObject({
      CAUSE: undefined,
      'SRTT(ms)': undefined,
    })
    expect(texts({ outcome: 'stuck', srttUs: 0, retransmits: 1 }, wide)).toMatchObject({ CAUSE: 'syn_loss' })
    expect(texts({}, wide)).toMatchObject({ CAUSE: 'network', 'SRTT(ms)': '1.20' })
  })
})

describe('tcpconnlat’s remark', () => {
  it('is the outcome of what is not connected, where no column has it', () => {
    for (const outcome of outcomeLabels) {
      const event = { ...CONNECT, outcome }
      expect(tcpconnlat.remark(event, {})).toBe(outcome === 'connected' ? undefined : outcome)
      expect(tcpconnlat.remark(event, { wide: true })).toBeUndefined()
    }
  })
})

describe('tcpconnlat’s fields', () => {
  it('have an error by the name that errno(3) has for it', () => {
    for (const [name, code] of Object.entries(constants.errno)) {
      // Linux has some numbers under two names: EAGAIN and EWOULDBLOCK.
      const said = String(field('error', { errorCode: code }))
      expect(constants.errno[said as keyof typeof constants.errno], name).toBe(code)
    }
    expect(field('error', { errorCode: 0 })).toBeUndefined()
    expect(field('error_code', { errorCode: 0 })).toBeUndefined()
  })

  it('have no cause for what failed: the outcome says it', () => {
    for (const outcome of outcomeLabels) {
      const cause = field('cause', { outcome })
      expect(cause).toBe(outcome === 'connected' || outcome === 'stuck' ? 'network' : undefined)
    }
  })

  it('leave out a round trip and a namespace that are not known, and keep a latency of none', () => {
    expect(field('srtt_us', { srttUs: 0 })).toBeUndefined()
    expect(field('netns', { netns: 0 })).toBeUndefined()
    expect(field('latency_us', { latencyUs: 0 })).toBe(0)
    expect(field('retransmits', { retransmits: 0 })).toBe(0)
    expect(field('fast_open', { fastOpen: false })).toBe(false)
  })
})
