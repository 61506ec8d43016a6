import { describe, expect, it } from 'vitest'
import { v1HierarchyIn } from './v1-controller.js'

const text = (...lines: readonly string[]) =>
  ['#subsys_name\thierarchy\tnum_cgroups\tenabled', ...lines, ''].join('\n')

describe('the hierarchy of version 1 that is looked at', () => {
  it.each([
    ['that of memory', ['cpu\t1\t15\t1', 'memory\t4\t103\t1', 'pids\t8\t15\t1'], 'memory', 4],
    [
      'that of pids, where memory is of version 2',
      ['cpu\t1\t1\t1', 'memory\t0\t9\t1', 'pids\t8\t1\t1'],
      'pids',
      8,
    ],
    ['that of cpu, where memory is switched off', ['cpu\t2\t1\t1', 'memory\t4\t1\t0'], 'cpu', 2],
    ['none, where all are of version 2', ['cpu\t0\t88\t1', 'memory\t0\t88\t1', 'pids\t0\t88\t1'], 'none', 0],
    ['none, where there is nothing', [], 'none', 0],
    ['none, where it is not what it should be', ['memory', 'pids\tmany\t1\t1', 'cpu -1 1 1'], 'none', 0],
  ])('is %s', (_, lines, controller, number) => {
    expect(v1HierarchyIn(text(...lines))).toEqual({ controller, number })
  })
})
