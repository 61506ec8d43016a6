import { describe, expect, it } from 'vitest'
import { ExpectedKeys } from './expected-keys.js'
import { SLOTS, slotOf } from './slots.js'

/** The slots of a line's keys, by what follows each. */
function slots(keys: ExpectedKeys, names: readonly string[]): (number | undefined)[] {
  let before = keys.start
  return names.map((name) => {
    const key = keys.behind(before, Buffer.from(`"${name}":`), 0)
    before = key ?? keys.start
    return key?.slot
  })
}

describe('ExpectedKeys', () => {
  it('tells the same of a key, whichever came before it', () => {
    const keys = new ExpectedKeys(slotOf)
    const lines = [
      ['pid', 'comm', 'uid', 'outcome'],
      ['pid', 'uid', 'outcome'],
      ['comm', 'pid', 'comm', 'outcome'],
      ['pid', 'comm', 'uid', 'outcome'],
      ['pi', 'pidx', 'comm'],
    ]
    for (const line of [...lines, ...lines]) expect(slots(keys, line)).toEqual(line.map(slotOf))
  })

  it('holds no more than it may, of lines with ever new keys', () => {
    const keys = new ExpectedKeys(slotOf)
    for (let index = 0; index < 2000; index++) slots(keys, [`key${index}`, 'pid'])
    expect(slots(keys, ['version', 'pid'])).toEqual([SLOTS.version, SLOTS.pid])
  })

  it.each(['', 'é', 'a\\u0062', `${'x'.repeat(100)}`])('leaves %j to the other reader', (name) => {
    expect(slots(new ExpectedKeys(slotOf), [name])).toEqual([undefined])
  })

  it('leaves what is no key', () => {
    const keys = new ExpectedKeys(slotOf)
    for (const text of ['', '"', '"a"', '"a" :', 'a":', '"a'])
      expect(keys.behind(keys.start, Buffer.from(text), 0)).toBeUndefined()
  })
})
