import { describe, expect, it } from 'vitest'
import { namesOf } from './tool-cgroups.js'

describe('the names of a cgroup', () => {
  const names = ['innermost', 'next', 'third', 'old', 'older']

  it('are as many as the kernel found', () => {
    expect(namesOf({ names, levels: 3, cut: 0 })).toEqual(['innermost', 'next', 'third'])
    expect(namesOf({ names, levels: 0, cut: 0 })).toEqual([])
    expect(namesOf({ names, levels: 200, cut: 0 })).toEqual(names)
  })

  it('say which of them are cut, without half a character', () => {
    const cut = ['whole', 'half\uFFFD', 'in\uFFFDside', '', 'last']
    expect(namesOf({ names: cut, levels: 5, cut: 0b11110 })).toEqual([
      'whole',
      'half…',
      'in\uFFFDside…',
      '…',
      'last…',
    ])
  })
})
