import { expect, it } from 'vitest'
import { checkCounts } from './run-names.js'

it('refuses to count some pods where the kernel cannot leave out the others', () => {
  const only = { namespaces: ['shop'] }
  expect(() => checkCounts({ selects: false }, { only }, { count: true })).toThrow(
    /Counts can leave out pods/,
  )
  checkCounts({ selects: true }, { only }, { count: true })
  checkCounts({ selects: false }, { only }, {})
  checkCounts({ selects: false }, {}, { count: true })
})
