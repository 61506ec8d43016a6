import { afterEach, describe, expect, it } from 'vitest'
import { askOnce, type Feature, forgetFeatures, has, YES } from './feature.js'

afterEach(forgetFeatures)

/** Asks for a feature, the answers being these in turn; how many questions it took. */
function asked(answers: readonly Feature[], times: number): { got: Feature[]; questions: number } {
  let questions = 0
  const got = Array.from({ length: times }, () => askOnce('tested', () => answers[questions++] ?? YES))
  return { got, questions }
}

const NO: Feature = { state: 'no', takes: 'Linux 9.9' }
const UNKNOWN: Feature = { state: 'unknown', why: 'not permitted' }

describe('askOnce', () => {
  it.each([
    ['yes', YES],
    ['no', NO],
  ])('asks no more once the answer is %s', (_name, answer) => {
    expect(asked([answer], 3)).toEqual({ got: [answer, answer, answer], questions: 1 })
  })

  it('asks again as long as it cannot be told', () => {
    expect(asked([UNKNOWN, UNKNOWN, NO], 5)).toEqual({ got: [UNKNOWN, UNKNOWN, NO, NO, NO], questions: 3 })
  })

  it('keeps answers apart by name, until all are forgotten', () => {
    expect(askOnce('one', () => YES)).toBe(YES)
    expect(askOnce('two', () => NO)).toBe(NO)
    expect(askOnce('one', () => NO)).toBe(YES)
    forgetFeatures()
    expect(askOnce('one', () => NO)).toBe(NO)
  })

  it('keeps nothing of a question that failed', () => {
    expect(() =>
      askOnce('failing', () => {
        throw new Error('no answer')
      }),
    ).toThrow('no answer')
    expect(askOnce('failing', () => YES)).toBe(YES)
  })
})

describe('has', () => {
  it('is a plain yes: what cannot be told counts as no', () => {
    expect([YES, NO, UNKNOWN].map(has)).toEqual([true, false, false])
  })
})
