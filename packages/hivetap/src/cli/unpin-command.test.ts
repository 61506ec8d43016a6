import { describe, expect, it } from 'vitest'
import { removedText } from './unpin-command.js'

const REMOVED = {
  tools: ['tcpconnlat', 'execsnoop'],
  epoch: '5d3c1a52-9b0e-4c8e-8a55-0f3f6f1b7a11',
  since: Date.UTC(2026, 0, 2, 3, 4, 5),
  unread: 12,
  holder: undefined,
}

describe('what hivetap unpin says', () => {
  it('is what was removed, since when it was there, and what is lost', () => {
    expect(removedText('/b', REMOVED)).toBe(
      'Removed from /b: tcpconnlat, execsnoop, attached since 2026-01-02T03:04:05.000Z.\nIn the buffer were 12 events that were not read.\n',
    )
  })

  it('is who goes on with it', () => {
    expect(removedText('/b', { ...REMOVED, holder: 7 })).toMatch(
      /\nProcess 7 used it, and goes on with what it has open\.\n$/,
    )
  })

  it('is what is not known', () => {
    const nothing = { tools: undefined, epoch: undefined, since: undefined, unread: undefined }
    expect(removedText('/b', { ...REMOVED, ...nothing })).toBe(
      'Removed from /b: what could not be read.\nHow much was in the buffer is not known.\n',
    )
  })

  it('is that nothing was there', () => {
    expect(removedText('/b', undefined)).toBe('Nothing is pinned at /b.\n')
  })
})
