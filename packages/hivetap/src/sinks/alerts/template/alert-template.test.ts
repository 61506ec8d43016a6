import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertOf, anyAlert, episode } from '../../../../../../test/support/alerts.js'
import { alertJson } from '../alert-json.js'
import { ALERT_FIELDS } from './alert-fields.js'
import { AlertTemplate } from './alert-template.js'
import { MOST_VALUE } from './escapes.js'
import { READY_MADE } from './ready-made.js'

const json = (source: string) => new AlertTemplate(source, true, 'plain')
const text = (source: string) => new AlertTemplate(source, false, 'plain')

describe('a template', () => {
  it('has values, and conditions', () => {
    const source =
      '{{#is_open}}NEW {{/is_open}}{{^is_open}}was {{ state }} {{/is_open}}{{key.destination}}{{#usual}} ({{usual_text}}){{/usual}}'
    expect(episode('a').map((alert) => text(source).render(alert))).toEqual([
      'NEW db:5432',
      'was update db:5432',
      'was resolved db:5432',
    ])
    expect(text(source).render(alertOf({ usual: 1500 }))).toBe('NEW db:5432 (1.5 ms)')
    expect(text('}} { {a} }}').render(alertOf())).toBe('}} { {a} }}')
  })

  it.each([
    ['{{sumary}}', 'template:1:1: there is no field "sumary"; did you mean summary?'],
    [
      'a\n  {{key.destinaton}}',
      'template:2:3: there is no field "key.destinaton"; did you mean key.destination?',
    ],
    ['{{constructor}}', 'template:1:1: there is no field "constructor"'],
    ['{{}}', 'template:1:1: there is no field ""'],
    ['x {{summary', 'template:1:3: {{ without }}'],
    ['{{#usual}}x', 'template:1:1: {{/usual}} is missing'],
    ['x{{/usual}}', 'template:1:2: {{/usual}} ends what has not begun'],
    [
      '{{#usual}}{{^is_open}}{{/usual}}',
      'template:1:23: {{/usual}} stands where {{/is_open}} should: it ends is_open',
    ],
    ['{{#is_open}}'.repeat(9), 'template:1:97: conditions stand in each other more than 8 deep'],
    ['{{state}}'.repeat(200), 'template:1:1153: more than 64 fields and conditions'],
    ['x'.repeat(70_000), 'template:1:1: it has more than 65536 bytes'],
  ])('says what is wrong with %.20s', (source, message) => {
    expect(() => text(source)).toThrow(message)
  })

  it.each([
    ['{"a": {{summary}}', 'no JSON comes of it for an alert of baseline that is open'],
    [
      '{"a": "{{alert}}"}',
      'template:1:8: {{alert}} is an object: it stands in no text, so leave out the quotes',
    ],
    ['{"a": "\\{{state}}"}', 'template:1:9: {{state}} stands behind a \\'],
    [
      '{"a": {{#usual}}"{{/usual}}x"}',
      'template:1:7: what stands in {{#usual}} begins or ends a text, and not both',
    ],
    ['{"a": 1{{#usual}},{{/usual}}}', 'no JSON comes of it for an alert of baseline that is open'],
    ['{"a": 1{{^usual}},{{/usual}}}', 'no JSON comes of it for an alert of failures that is open'],
  ])('of JSON says what is wrong with %s', (source, message) => {
    expect(() => json(source)).toThrow(message)
  })
})

describe('values in JSON', () => {
  const FIELDS = Object.keys(ALERT_FIELDS).filter((name) => name !== 'alert')
  const source = `{${FIELDS.slice(0, 30)
    .map((name, index) => `"q${index}": "{{${name}}}", "v${index}": {{${name}}}`)
    .join(',')}, "alert": {{alert}}, "end": "x{{state}}y\\"{{rule}}"}`

  it('never break out of their place, whatever hosts wrote', () => {
    const template = json(source)
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const rendered = template.render(alert)
        const read = JSON.parse(rendered) as Record<string, unknown>
        expect(Object.keys(read)).toHaveLength(62)
        expect(read['alert']).toEqual(JSON.parse(alertJson(alert)))
        for (const [name, value] of Object.entries(read)) {
          if (/^q/.test(name)) {
            expect(typeof value).toBe('string')
            expect((value as string).length).toBeLessThanOrEqual(MOST_VALUE)
            expect(value).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
          } else if (/^v/.test(name))
            expect(typeof value === 'object' ? value : 'scalar').toEqual(value === null ? null : 'scalar')
        }
      }),
    )
  })

  it('keep their types where no quotes stand around them', () => {
    expect(
      JSON.parse(
        json('{"a": {{connects}}, "b": {{is_open}}, "c": {{usual}}, "d": {{state}}}').render(alertOf()),
      ),
    ).toEqual({
      ...{ a: 340, b: true, c: null, d: 'open' },
    })
  })

  it('are not read as a template again', () => {
    const rendered = text('{{rule}}').render(alertOf({ rule: '{{alert}}' }))
    expect(rendered).toBe('{{alert}}')
  })
})

describe('templates that come with it', () => {
  it('docs/alerts.md: the example is one', () => {
    const page = readFileSync(new URL('../../../../../../docs/alerts.md', import.meta.url), 'utf8')
    const [, source = ''] = /template_text: \|\n((?: {2}.*\n)+)/.exec(page) ?? []
    expect(JSON.parse(json(source).render(alertOf({ state: 'resolved' })))).toEqual({
      title: 'over: slow connects to db:5432 from web',
      limit_us: 100_000,
      alert: alertOf({ state: 'resolved' }),
    })
  })

  it('json: the alert itself', () => {
    const template = new AlertTemplate(READY_MADE.json.source, true, 'plain')
    expect(JSON.parse(template.render(alertOf()))).toEqual(alertOf())
  })

  it('slack: a message, its colour by severity', () => {
    const { source, receiver } = READY_MADE.slack
    const template = new AlertTemplate(source, true, receiver)
    const messageOf = (alert: ReturnType<typeof alertOf>) =>
      JSON.parse(template.render(alert)) as { text: string; attachments: { color: string; text: string }[] }
    expect(messageOf(alertOf())).toMatchObject({
      text: alertOf().summary,
      attachments: [{ color: 'danger', text: expect.stringContaining('likely cause: SYN lost') as string }],
    })
    const colours = [alertOf({ severity: 'warning' }), alertOf({ state: 'resolved' })]
    expect(colours.map((alert) => messageOf(alert).attachments[0]?.color)).toEqual(['warning', 'good'])
  })

  it('slack: whoever names a process calls nobody, and links nowhere', () => {
    const { source, receiver } = READY_MADE.slack
    const template = new AlertTemplate(source, true, receiver)
    fc.assert(
      fc.property(anyAlert, (alert) => {
        expect(template.render(alert)).not.toMatch(/[<>@]/)
      }),
    )
    const message = template.render(alertOf({ key: { comm: '<!channel> & <http://x|y> @here' } }))
    expect(message).toContain('&lt;!channel&gt; &amp; &lt;http://x|y&gt; ＠here')
  })
})
