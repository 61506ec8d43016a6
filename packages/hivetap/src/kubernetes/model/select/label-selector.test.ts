import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseLabelSelector } from './label-selector.js'
import { meets } from './meets.js'

const [sets = [], ...answers] = readFileSync(new URL('kubernetes-selectors.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))

function fits(selector: string, labels: Record<string, string>, cut = false): boolean {
  const map = new Map(Object.entries(labels))
  return parseLabelSelector(selector).every((requirement) => meets(map, requirement, cut))
}

describe('a label selector', () => {
  it('is read as Kubernetes itself reads it, and picks the same (test/peers/label-selectors)', () => {
    expect(answers.length).toBe(800)
    for (const { selector, reads, meets } of answers) {
      let told: number[] | undefined
      try {
        told = sets.flatMap((set: Record<string, string>, index: number) =>
          fits(selector, set) ? [index] : [],
        )
      } catch {
        told = undefined
      }
      expect([selector, told]).toEqual([selector, reads ? meets : undefined])
    }
  })

  it.each([
    [
      'app in (web',
      'label selector "app in (web", character 12: there is the end, where a comma or ) should be',
    ],
    ['app=web,', 'character 9: there is the end, where the name of a label, or ! should be'],
    [
      'app web',
      'character 5: there is "web", where =, ==, !=, in, notin, <, >, a comma or the end should be',
    ],
    ['app=web=api', 'character 8: there is "=", where a comma or the end should be'],
    ['=web', 'character 1: there is "=", where the name of a label, or ! should be'],
    ['a,-b=c', 'character 3: "-b" is no name of a label'],
    ['app=we#b', 'character 5: "we#b" is no value of a label'],
    ['size>x', 'character 6: "x" is no whole number of 64 bits'],
    ['size>', 'character 6: "" is no whole number of 64 bits'],
  ])('that is wrong says where: %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message)
  })

  it('does not take a label for missing where labels were cut', () => {
    expect(fits('!app', {})).toBe(true)
    expect(fits('!app', {}, true)).toBe(false)
    expect(fits('app!=web', {}, true)).toBe(false)
    expect(fits('app!=web', { app: 'api' }, true)).toBe(true)
  })

  it('of a million characters is read in time that grows with them', () => {
    expect(() => parseLabelSelector(`app in (${'a,'.repeat(300_000)}`)).toThrow('there is the end')
    expect(() => parseLabelSelector(' '.repeat(1_000_000))).not.toThrow()
  })
})
