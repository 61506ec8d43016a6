import { describe, expect, it } from 'vitest'
import { listText } from './list-command.js'

describe('listText', () => {
  it('has a line a tool', () => {
    expect(
      listText([
        { tool: 'one', summary: 'Show one thing' },
        { tool: 'another', summary: 'Show another' },
      ]),
    ).toBe('one      Show one thing\nanother  Show another\n')
  })

  it('says of a tool that cannot run why, and who knows more', () => {
    expect(
      listText([{ tool: 'one', summary: 'Show one thing', cannot: 'not permitted. Run it as root.' }]),
    ).toBe(
      'one  Show one thing\n     cannot run here: not permitted. Run it as root.\n\nhivetap doctor says what would mend it.\n',
    )
  })

  it('lets no control character through', () => {
    expect(listText([{ tool: 'one', summary: 'Show', cannot: '\u001b[2J' }])).not.toContain('\u001b')
  })
})
