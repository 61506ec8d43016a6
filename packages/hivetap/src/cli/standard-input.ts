import { constants, createReadStream, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** Bytes that are read at once. */
export const PIECE_BYTES = 1 << 18

/**
 * Standard input, read on the event loop: a read that waits in a thread holds the process until something comes. A pipe is
 * opened anew for that, since other processes may share how it was opened.
 *
 * @throws if there is none: it was closed
 */
export function standardInput(): Readable {
  const stats = fstatSync(0)
  if (stats.isFile()) return createReadStream('', { fd: 0, autoClose: false, highWaterMark: PIECE_BYTES })
  if (!stats.isFIFO()) return process.stdin
  const fd = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}

/**
 * Calls back once, when standard input ends: whoever started this process from afar (`kubectl exec -i`, ssh) is gone, or says
 * so. What comes in is thrown away. Where there is no input, or it cannot be read, it has ended.
 *
 * @returns stops listening: input that goes on does not keep the process
 */
export function onStandardInputEnd(ended: () => void): () => void {
  let stream: Readable
  try {
    stream = standardInput()
  } catch {
    queueMicrotask(ended)
    return () => undefined
  }
  let isOver = false
  const over = () => {
    if (isOver) return
    isOver = true
    ended()
  }
  stream.on('end', over).on('error', over).on('close', over).resume()
  return () => {
    isOver = true
    stream.destroy()
  }
}
