import { openSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { ClosedError } from '../errors.js'
import { FileDescriptor } from './file-descriptor.js'

describeKernel('FileDescriptor', () => {
  it('closes the descriptor, and says of a later use what it was of', () => {
    const number = openSync('/dev/null', 'r')
    const fd = new FileDescriptor(number, 'map events')
    expect(fd.number).toBe(number)
    expect(fd.closed).toBe(false)
    fd.close()
    expect(openFiles().has(number)).toBe(false)
    expect(fd.closed).toBe(true)
    expect(() => fd.number).toThrow(new ClosedError('Cannot use map events: it is closed'))
  })

  it('closes once: the number may be somebody else’s by then', () => {
    const fd = new FileDescriptor(openSync('/dev/null', 'r'), 'null')
    const { number } = fd
    fd.close()
    using other = new FileDescriptor(openSync('/dev/zero', 'r'), 'zero')
    expect(other.number).toBe(number)
    fd.close()
    expect(openFiles().get(other.number)).toBe('/dev/zero')
  })

  it('is closed at the end of a block', () => {
    const number = (() => {
      using fd = new FileDescriptor(openSync('/dev/null', 'r'), 'null')
      return fd.number
    })()
    expect(openFiles().has(number)).toBe(false)
  })
})
