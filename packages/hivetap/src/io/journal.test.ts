import { closeSync, fstatSync, openSync } from 'node:fs'
import { expect, it } from 'vitest'
import { isJournal, journalLines } from './journal.js'

it('takes a stream for the journal where it is the one that systemd names', () => {
  const fd = openSync('/dev/null', 'r')
  const { dev, ino } = fstatSync(fd, { bigint: true })
  const says = (stream: string) => isJournal(fd, { JOURNAL_STREAM: stream })
  expect(says(`${dev}:${ino}`)).toBe(true)
  // It was led elsewhere.
  expect(says(`${dev}:${ino + 1n}`)).toBe(false)
  expect(says(`${dev + 1n}:${ino}`)).toBe(false)
  for (const other of ['', ':', `${ino}`, 'x:y', `${dev}:${ino}:`]) expect(says(other), other).toBe(false)
  expect(isJournal(fd, {})).toBe(false)
  closeSync(fd)
  expect(says(`${dev}:${ino}`)).toBe(false)
})

it('puts the priority in front of each line, and of nothing else', () => {
  expect(journalLines('error', 'one\ntwo\n')).toBe('<3>one\n<3>two\n')
  expect(journalLines('warn', 'one')).toBe('<4>one')
  expect(journalLines('info', '\none\u2028two\rthree\n\n')).toBe('\n<6>one\u2028two\rthree\n\n')
  expect(journalLines('debug', '<3>one\n')).toBe('<7><3>one\n')
  expect(journalLines('info', '')).toBe('')
})
