import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { CONNECT, NOTHING } from '../../../../test/support/examples.js'
import type { ConnectEvent } from '../probes/connects/connect-event.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import { TOOLS } from '../probes/tools.js'
import { JsonLines } from './json-lines.js'
import { jsonSchema } from './json-schema.js'

const BALANCE = { ...NOTHING, produced: 3, delivered: 1, dropped: new Map([['buffer_full', 2]] as const) }

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
    const line = new JsonLines<ConnectEvent>(tcpconnlat, { missing: new Map(), sample: 10 }).line(CONNECT)
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
