import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitNoteText, readCommitNote } from './commit-note.js'

describe('the note of a commit', () => {
  it('is read as it was written', () => {
    const note = { topicId: 'W3mHkZQ0TzuHVB3zp0Zd6A', read: 4711, reachedUs: 1_762_000_000_000_000 }
    expect(readCommitNote(commitNoteText(note))).toEqual(note)
    expect(readCommitNote(commitNoteText({ topicId: undefined, read: 0, reachedUs: undefined }))).toEqual({
      topicId: undefined,
      read: 0,
    })
    expect(readCommitNote(commitNoteText({ ...note, reachedUs: Number.NEGATIVE_INFINITY }))).toEqual({
      topicId: note.topicId,
      read: note.read,
    })
  })

  it('is of others if it says nothing that is known, whatever it is', () => {
    for (const text of [
      '',
      'consumed by x',
      '[]',
      'null',
      '7',
      '{"read":-1}',
      '{"read":"9","reached_us":1e99}',
    ])
      expect(readCommitNote(text)).toEqual({ topicId: undefined })
    fc.assert(fc.property(fc.string(), (text) => void readCommitNote(text)))
    fc.assert(fc.property(fc.json(), (text) => void readCommitNote(text)))
  })
})
