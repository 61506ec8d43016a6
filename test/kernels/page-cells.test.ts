import { expect, it } from 'vitest'
import { pageCells } from './page-cells.mjs'

const KERNELS = ['here', '5.10', 'sid']
const PAGE = `### one

|  | step | here | 5.10 | sid |
|---|---|---|---|---|
| root | a | ok | no <sup>2</sup> | ok |
|  | b |  | ok | no <sup>1</sup> |

1. It is not there.
2. It is too old.

### two

|  | step | here | 5.10 | sid |
|---|---|---|---|---|
| root | a | ok | ok | ok |`

it('finds each kernel’s cells, with their notes', () => {
  expect([...pageCells(PAGE, ['5.10', 'sid'], KERNELS)]).toEqual([
    ['### one / root / a / 5.10', 'no It is too old.'],
    ['### one / root / a / sid', 'ok'],
    ['### one / root / b / 5.10', 'ok'],
    ['### one / root / b / sid', 'no It is not there.'],
    ['### two / root / a / 5.10', 'ok'],
    ['### two / root / a / sid', 'ok'],
  ])
})
