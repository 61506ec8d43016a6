import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EpochFile } from './epoch-file.js'

const EPOCH = '00000000-0000-4000-8000-000000000001'
const NEXT = '00000000-0000-4000-8000-000000000002'
const LAST = '00000000-0000-4000-8000-000000000003'
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-epoch-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

it('says what was written last', () => {
  const file = new EpochFile(directory)
  expect(file.read()).toBeUndefined()
  file.write({ epoch: EPOCH, ended: false })
  expect(new EpochFile(directory).read()).toEqual({ epoch: EPOCH, ended: false })
  file.write({ epoch: EPOCH, ended: true })
  expect(file.read()).toEqual({ epoch: EPOCH, ended: true })
  expect(readdirSync(directory)).toEqual(['epoch.json'])
})

it('knows which epochs were cut, and how far the spool had come with each', () => {
  const file = new EpochFile(directory)
  expect(file.begin(EPOCH, undefined)).toEqual([])
  const first = { epoch: EPOCH, sequences: 7 }
  expect(file.begin(NEXT, { epoch: EPOCH, nextSequence: 7 })).toEqual([first])
  // One that goes on is not cut, and what was not told yet stays.
  expect(file.begin(NEXT, { epoch: EPOCH, nextSequence: 7 })).toEqual([first])
  // The spool never heard of it.
  expect(file.begin(LAST, { epoch: EPOCH, nextSequence: 7 })).toEqual([first, { epoch: NEXT, sequences: 0 }])
  file.write({ epoch: LAST, ended: true })
  expect(file.begin(EPOCH, undefined)).toEqual([])
})

it('can be set back', () => {
  const file = new EpochFile(directory)
  file.begin(EPOCH, undefined)
  file.restore(undefined)
  expect(file.read()).toBeUndefined()
  file.begin(EPOCH, undefined)
  const before = file.read()
  file.begin(NEXT, undefined)
  file.restore(before)
  expect(file.read()).toEqual({ epoch: EPOCH, ended: false })
})

it('keeps the cut epochs that are still to be told, the newest sixty-four, and no nonsense', () => {
  const file = new EpochFile(directory)
  const cut = Array.from({ length: 70 }, (_, sequences) => ({ epoch: EPOCH, sequences }))
  file.write({ epoch: EPOCH, ended: false, cut })
  expect(file.read()).toEqual({ epoch: EPOCH, ended: false, cut: cut.slice(6) })
  const nonsense = [null, 7, { epoch: 'x', sequences: 1 }, { epoch: EPOCH, sequences: -1 }]
  writeFileSync(join(directory, 'epoch.json'), JSON.stringify({ epoch: EPOCH, cut: nonsense }))
  expect(file.read()).toEqual({ epoch: EPOCH, ended: false })
})

it.each(['', '{', 'null', '[]', '{"epoch":1}', `{"epoch":"${EPOCH}\\n","ended":true}`, '{"epoch":"../x"}'])(
  'says nothing where the file holds %j',
  (text) => {
    writeFileSync(join(directory, 'epoch.json'), text)
    expect(new EpochFile(directory).read()).toBeUndefined()
  },
)
