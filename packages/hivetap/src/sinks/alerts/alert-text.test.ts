import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertOf, anyAlert } from '../../../../../test/support/alerts.js'
import { alertJson } from './alert-json.js'
import { alertSchema } from './alert-schema.js'
import { alertText } from './alert-text.js'

describe('an alert for people', () => {
  it('says it all in four lines', () => {
    expect(alertText(alertOf())).toBe(
      [
        'OPEN critical: slow connects to db:5432 from web: 340 ms against 100 ms, 12 of 340 connects in 1 min',
        '  since 2026-11-28 03:12:00 UTC, rule slow-db: 9 connected, 3 timed out',
        '  likely cause: SYN lost on the way (75 %), then network or peer far or slow (25 %)',
        '  worst: 2026-11-28 03:12:41 UTC web[4711] on node-1 to db:5432: 3.05 s, connected, SYN lost on the way',
      ].join('\n'),
    )
  })

  it('says of one that is over how long it lasted', () => {
    expect(alertText(alertOf({ state: 'resolved', severity: 'warning' }))).toBe(
      'RESOLVED warning: slow connects to db:5432 from web, after 1 min\n  since 2026-11-28 03:12:00 UTC, rule slow-db',
    )
  })

  it('says that no cause stands out, or that none is known', () => {
    const causes = { host: 0.5, network: 0.5 }
    expect(alertText(alertOf({ causes, likely_cause: 'unknown' }))).toContain(
      '\n  no cause stands out: this host slow to send or see packets (50 %), network or peer far or slow (50 %)\n',
    )
    expect(alertText(alertOf({ causes: {}, likely_cause: 'unknown', examples: [] })).split('\n')[2]).toBe(
      '  cause unknown',
    )
  })

  it('has four lines at most and nothing that a terminal acts on, whatever hosts wrote', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const lines = alertText(alert).split('\n')
        expect(lines.length).toBeLessThanOrEqual(4)
        for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      }),
    )
  })
})

describe('an alert as JSON', () => {
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(alertSchema())

  it('is one line that the published schema takes, and reads back as it was', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const line = alertJson(alert)
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        const read: unknown = JSON.parse(line)
        expect(valid(read), JSON.stringify(valid.errors)).toBe(true)
        expect(read).toEqual(JSON.parse(JSON.stringify(alert)))
      }),
    )
  })

  it('has its fields in one order, whatever made it', () => {
    const alert = alertOf()
    const reversed = Object.fromEntries(Object.entries(alert).reverse()) as unknown as typeof alert
    expect(alertJson(reversed)).toBe(alertJson(alert))
  })

  it('is refused by the schema where something is missing', () => {
    const { key: _, ...without } = alertOf()
    expect(valid(without)).toBe(false)
    expect(valid({ ...alertOf(), state: 'closed' })).toBe(false)
  })
})
