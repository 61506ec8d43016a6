import { describe, expect, it } from 'vitest'
import { LAST_BIN } from '../../packages/hivetap/src/detect/sketch/bins.js'
import { QUESTIONS, script } from './script.mjs'

const BROKERS = { brokers: 'kafka-0:9092,kafka-1:9092' }

describe('script', () => {
  it('fills in everything', () => {
    expect(script(BROKERS)).not.toMatch(/\{\{|\}\}/)
  })

  it('asks what it is asked to, in one job', () => {
    const asked = (questions?: readonly string[]) =>
      [...script(BROKERS, questions).matchAll(/^INSERT INTO (\w+)/gm)].map(([, table]) => table)
    expect(asked(['gaps'])).toEqual(['gaps'])
    expect(asked()).toHaveLength(QUESTIONS.length)
    expect(script(BROKERS).match(/EXECUTE STATEMENT SET/g)).toHaveLength(1)
  })

  it('lets no setting out of its quotes', () => {
    const sql = script({ ...BROKERS, topic: "x'; DROP TABLE events; --", kafka: { "a'b": "c'd" } })
    expect(sql).toContain("'topic' = 'x''; DROP TABLE events; --',")
    expect(sql).toContain("'properties.a''b' = 'c''d'")
  })

  it('looks at accounts from two minutes before a window to two minutes behind it', () => {
    expect(script({ ...BROKERS, window: 10, slide: 2 })).toContain(
      "INTERVAL '2' MINUTE, INTERVAL '14' MINUTE",
    )
  })

  it('lets nothing be remembered for ever', () => {
    const sql = script({ ...BROKERS, remember: '10 min' })
    expect(sql).toContain("SET 'table.exec.state.ttl' = '660 s';")
    // Counts outside of windows, which would begin anew in the middle.
    for (const [, name, asked] of sql.matchAll(/^INSERT INTO (late|unreadable)\n(.*)$/gm))
      expect(asked, name).toContain("= '1d') */")
    expect(sql.match(/STATE_TTL/g)).toHaveLength(2)
  })

  it('resolves what fell silent once that is longer than is remembered, but not where the topic is read to its end', () => {
    const silent = (settings: object) =>
      /VIEW slow_silent[^;]*/.exec(script({ ...BROKERS, remember: '90 min', ...settings }))?.[0]
    expect(silent({})).toContain("INTERVAL '0 01:30:00' DAY TO SECOND")
    expect(silent({})).toContain('AND TRUE')
    expect(silent({ untilEnd: true })).toContain('AND FALSE')
  })

  it('knows the bins of a sketch', () => {
    expect(script(BROKERS)).toContain(`WHERE bin <= ${LAST_BIN} `)
  })

  it.each(['0', '0 h', '', '-1 h', '10', "1 h'", 'for ever'])('does not remember for "%s"', (remember) => {
    expect(() => script({ ...BROKERS, remember })).toThrow('"remember" is a time above 0')
  })

  it.each([
    [{ brokers: '' }, 'No broker is named'],
    [{ window: 5, slide: 3 }, 'cannot slide by 3'],
    [{ window: 0 }, '"window" is a whole number above 0, not 0'],
    [{ parallelism: 1.5 }, '"parallelism" is a whole number above 0, not 1.5'],
    [{ lateness: -1 }, '"lateness" is a whole number of seconds, not -1'],
  ])('refuses %j', (settings, message) => {
    expect(() => script({ ...BROKERS, ...settings })).toThrow(message)
  })

  it('names the questions that there are', () => {
    expect(() => script(BROKERS, ['window'])).toThrow('There is no question "window": there are windows,')
  })
})
