import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { Balance } from '../probes/balance.js'
import { outcomeLabels } from '../probes/tcpconnlat/tcpconnlat.bpf.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import { TOOLS } from '../probes/tools.js'
import { JsonLines } from './json-lines.js'
import { jsonSchema } from './json-schema.js'

const BALANCE: Balance = {
  produced: 3,
  delivered: 1,
  filtered: 0,
  sampledOut: 0,
  inFlight: 0,
  dropped: new Map([['buffer_full', 2]]),
  truncated: 0,
  missedRuns: 0,
}

const CONNECT = {
  timeNs: 5_000_000_000,
  toolIndex: 0,
  latencyUs: 1234,
  cgroupId: 1,
  comm: 'curl',
  sourceAddress: '10.0.0.1',
  destinationAddress: '10.0.0.2',
  pid: 100,
  tid: 101,
  uid: 0,
  netns: 0,
  srttUs: 1200,
  retransmits: 0,
  sourcePort: 40_000,
  destinationPort: 443,
  errorCode: 0,
  ipVersion: 4,
  outcome: outcomeLabels[0],
  fastOpen: false,
}

/** By another's program: whether a line is as a tool's schema says. */
function validator(tool: (typeof TOOLS)[number]): (line: string) => boolean {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(jsonSchema(tool))
  return (line) => validate(JSON.parse(line))
}

describe('the JSON Schema', () => {
  it.each(TOOLS)('of $name is one, and takes its accounts', (tool) => {
    const format = new JsonLines<unknown>(tool, { missing: new Map() })
    expect(validator(tool)(format.account({ tool: tool.name, balance: BALANCE, ended: true }))).toBe(true)
  })

  it('takes an event, and none that is otherwise', () => {
    const isValid = validator(tcpconnlat)
    const line = new JsonLines<typeof CONNECT>(tcpconnlat, { missing: new Map(), sample: 10 }).line(CONNECT)
    expect(isValid(line)).toBe(true)
    const { time, ...withoutTime } = JSON.parse(line) as Record<string, unknown>
    expect(time).toBeTypeOf('string')
    expect(isValid(JSON.stringify(withoutTime))).toBe(false)
    expect(isValid(line.replace('"connected"', '"succeeded"'))).toBe(false)
    expect(isValid(line.replace('"tool":"tcpconnlat"', '"tool":"another"'))).toBe(false)
    expect(isValid(line.replace('"pid":100', '"pid":"100"'))).toBe(false)
    // An account without its counts is neither.
    expect(isValid(line.replace('{', '{"record":"ledger",'))).toBe(false)
  })
})
