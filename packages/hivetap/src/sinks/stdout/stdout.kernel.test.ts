import { closeSync, openSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { batchOf, sequencesOf } from '../../../../../test/support/batches.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { openPipe, type TwoEnds } from '../../../../../test/support/two-ends.js'
import { LinesDestination } from './lines-destination.js'

const signal = new AbortController().signal
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function pipe(): { ends: TwoEnds; sink: LinesDestination } {
  const ends = openPipe()
  const sink = new LinesDestination('stdout', ends.near)
  cleanups.push(
    () => ends.closeNear(),
    () => ends.closeFar(),
    () => sink.close(),
  )
  return { ends, sink }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
const numbers = (to: number) => Array.from({ length: to }, (_, index) => index)

describeKernel('stdout', () => {
  it('tells each record in a line', async () => {
    const { ends, sink } = pipe()
    const batch = batchOf(0, 3)
    expect(await sink.deliver(batch, signal)).toEqual([])
    expect(ends.read()).toBe(batch.records.map(({ value }) => `${Buffer.from(value)}\n`).join(''))
  })

  it('waits for a slow reader, and the program runs meanwhile', async () => {
    const { ends, sink } = pipe()
    let done = false
    const delivered = sink.deliver(batchOf(0, 5000), signal).then(() => {
      done = true
    })
    await turn()
    expect(done).toBe(false)
    let read = ''
    while (!done) {
      read += ends.read()
      await turn()
    }
    await delivered
    expect(sequencesOf(read + ends.read())).toEqual(numbers(5000))
  })

  it('goes on with a batch whose wait was ended: nothing is told twice', async () => {
    const { ends, sink } = pipe()
    const batch = batchOf(0, 5000)
    const stop = new AbortController()
    const failed = expect(sink.deliver(batch, stop.signal)).rejects.toMatchObject({ kind: 'aborted' })
    await turn()
    stop.abort()
    await failed
    let done = false
    const again = sink.deliver(batch, signal).then(() => {
      done = true
    })
    let read = ''
    while (!done) {
      read += ends.read()
      await turn()
    }
    await again
    expect(sequencesOf(read + ends.read())).toEqual(numbers(5000))
  })

  it('says that the reader is gone, each time: that does not pass', async () => {
    const { ends, sink } = pipe()
    ends.closeFar()
    for (let times = 0; times < 2; times++)
      await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
        kind: 'reader_gone',
        passing: false,
      })
  })

  it('says that a disk is full: that passes', async () => {
    const fd = openSync('/dev/full', 'w')
    const sink = new LinesDestination('stdout', fd)
    cleanups.push(
      () => closeSync(fd),
      () => sink.close(),
    )
    for (let times = 0; times < 2; times++)
      await expect(sink.deliver(batchOf(0, 1), signal)).rejects.toMatchObject({
        kind: 'output_failed',
        passing: true,
      })
  })
})
