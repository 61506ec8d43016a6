import { ClosedError } from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import { KeptNames, namesToldBy } from './kept-names.js'

const keeper = (kept: Readonly<Record<string, readonly string[]>>) => ({
  cgroupNames: (key: bigint) => kept[String(key)],
})

describe('namesToldBy', () => {
  it('takes names that reach the root as they are', () => {
    expect(namesToldBy(['nginx.service', 'system.slice'])).toEqual(['nginx.service', 'system.slice'])
    expect(namesToldBy([])).toEqual([])
  })

  it('knows that above as many as are kept there may be others', () => {
    expect(namesToldBy(['e', 'd', 'c', 'b', 'a'])).toEqual(['e', 'd', 'c', 'b', 'a', '..'])
  })

  it('takes nothing from a name that was cut on', () => {
    expect(namesToldBy(['web', 'kubepods-pod1…', 'system.slice'])).toEqual(['web', '..'])
    expect(namesToldBy(['kubepods-pod1…', 'containerd.service', 'system.slice'])).toEqual(['..'])
  })
})

describe('KeptNames', () => {
  it('asks one tool after the other, with the key as they have it', () => {
    const source = new KeptNames()
    source.add(keeper({ 7: ['a'] }))
    source.add(keeper({ 7: ['b'], 9: ['c'] }))
    expect(source.names(7)).toEqual(['a'])
    expect(source.names(9n)).toEqual(['c'])
    expect(source.names(8)).toBeUndefined()
  })

  it('asks a tool no more that was closed, and says of others that they failed', () => {
    const source = new KeptNames()
    let asked = 0
    source.add({
      cgroupNames: () => {
        asked++
        throw new ClosedError('the map')
      },
    })
    source.add(keeper({ 7: ['a'] }))
    for (let times = 0; times < 2; times++) expect(source.names(7)).toEqual(['a'])
    expect(asked).toBe(1)
    source.add({
      cgroupNames: () => {
        throw new Error('EIO')
      },
    })
    expect(() => source.names(8)).toThrow('EIO')
  })
})
