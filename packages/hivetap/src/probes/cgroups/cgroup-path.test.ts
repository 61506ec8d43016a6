import { describe, expect, it } from 'vitest'
import { levelsAbove, namesOfPath } from './cgroup-path.js'

describe('namesOfPath', () => {
  it('has the innermost first, and no empty names', () => {
    expect(namesOfPath('/a/b//c/')).toEqual(['c', 'b', 'a'])
    expect(namesOfPath('/../../x')).toEqual(['x', '..', '..'])
    expect(namesOfPath('/')).toEqual([])
    expect(namesOfPath('')).toEqual([])
  })
})

describe('levelsAbove', () => {
  it('counts the levels above a cgroup namespace', () => {
    expect(['/', '/a', '/..', '/../../a/b', '/..a/b..'].map(levelsAbove)).toEqual([0, 0, 1, 2, 0])
  })
})
