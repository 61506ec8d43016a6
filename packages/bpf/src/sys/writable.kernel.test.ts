import { closeSync, readSync, writeSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openPipe, statusFlags } from '../../../../test/support/pipe.js'
import { isWritable } from './writable.js'

/** pipe(7): what is written in one piece. */
const PIPE_BUF = 4096

describeKernel('isWritable', () => {
  it('says of a pipe that it has room, until it is full, and again when it was read from', () => {
    const { reader, writer } = openPipe()
    const flags = statusFlags(writer)
    let written = 0
    for (; isWritable(writer); written += PIPE_BUF) writeSync(writer, Buffer.alloc(PIPE_BUF))
    // /proc/sys/fs/pipe-max-size bounds what a pipe may ever hold.
    expect(written).toBeGreaterThanOrEqual(PIPE_BUF)
    readSync(reader, Buffer.alloc(PIPE_BUF))
    expect(isWritable(writer)).toBe(true)
    expect(statusFlags(writer)).toBe(flags)
    closeSync(reader)
    closeSync(writer)
  })

  it('says yes of a pipe whose reader is gone: the write then tells', () => {
    const { reader, writer } = openPipe()
    while (isWritable(writer)) writeSync(writer, Buffer.alloc(PIPE_BUF))
    closeSync(reader)
    expect(isWritable(writer)).toBe(true)
    expect(() => writeSync(writer, 'x')).toThrow('EPIPE')
    closeSync(writer)
  })
})
