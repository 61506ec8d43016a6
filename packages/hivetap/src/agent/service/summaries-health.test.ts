import { describe, expect, it } from 'vitest'
import type { SummariesState } from '../agent.js'
import { otherText, summariesReasons, wireSummaries } from './summaries-health.js'

const STATE: SummariesState = { events: 1000, other: 7, recentShare: 0.01234, keys: 100, maxKeys: 100 }

describe('reasons', () => {
  it('are none where no summaries are made, and where a few connects have no key', () => {
    expect(summariesReasons(undefined)).toEqual([])
    expect(summariesReasons(STATE)).toEqual([])
    expect(summariesReasons({ ...STATE, recentShare: 0.0299 })).toEqual([])
  })

  it('name the share of late and the setting, from three percent on', () => {
    const [one, ...more] = summariesReasons({ ...STATE, recentShare: 0.03 })
    expect(more).toEqual([])
    expect(one).toBe(
      '3 % of the connects that are summed up have no key of their own and stand under other: summaries.max_keys (100) is too low',
    )
  })
})

it('tells on the wire what was counted', () => {
  expect(wireSummaries(STATE)).toEqual({
    events: 1000,
    other: 7,
    other_share: 0.0123,
    keys: 100,
    max_keys: 100,
  })
})

describe('the text for people', () => {
  it('has the counter', () => {
    expect(otherText({ summaries: wireSummaries(STATE) })).toEqual([
      '7 of 1000 connects summed up stand under other',
    ])
  })

  it.each([
    undefined,
    null,
    {},
    { summaries: null },
    { summaries: 'x' },
    { summaries: { other: 7 } },
    { summaries: { other: '7', events: '9' } },
    { summaries: wireSummaries({ ...STATE, other: 0 }) },
  ])('says nothing where there is none: %j', (state) => {
    expect(otherText(state)).toEqual([])
  })
})
