import { describe, expect, it } from 'vitest'
import { camelCase, enumeratorLabel, pascalCase } from './names.js'

describe('names', () => {
  it.each([
    ['min_latency_us', 'minLatencyUs'],
    ['pid', 'pid'],
    ['__data_loc_filename', 'dataLocFilename'],
    ['PID', 'pid'],
    ['state_tp_btf', 'stateTpBtf'],
    ['Odd_Name', 'oddName'],
    ['trailing__', 'trailing'],
    ['_', '_'],
    ['___', '___'],
    ['', ''],
  ])('writes %s as %s', (c, expected) => {
    expect(camelCase(c)).toBe(expected)
  })

  it('writes types with a capital', () => {
    expect(pascalCase('connect_event')).toBe('ConnectEvent')
  })

  it.each([
    ['outcome', 'OUTCOME_TIMED_OUT', 'timed_out'],
    ['outcome', 'OTHER', 'other'],
    ['outcome', 'OUTCOME_', 'outcome_'],
  ])('labels %s %s as %s', (name, enumerator, expected) => {
    expect(enumeratorLabel(name, enumerator)).toBe(expected)
  })
})
