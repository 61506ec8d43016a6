import { expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'
import { ANOTHER_USER, AS_ANOTHER_USER, ExecScene } from '../../../../../test/support/exec-scene.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { openTool } from '../open-tool.js'
import { BUFFERS, RUNGS } from '../tool.js'
import { execsnoop } from './execsnoop.js'

const describeHere = describeKernelIf(hasCommand('gcc'))
const scene = ExecScene.forTests()

describeHere('the account of execsnoop under load', () => {
  it.each(
    BUFFERS.flatMap((buffer) => [
      { buffer, args: [] },
      { buffer, args: ['-x'] },
    ]),
  )('is exact, through $buffer, $args', async ({ buffer, args }) => {
    const count = 20_000
    const run = await scene.trace(['-o', 'json', '-p', String(scene.caller.pid), '--buffer', buffer, ...args])
    await scene.started('self', String(count), scene.folder.program)
    expect(await run.end()).toEqual({ code: 0, signal: null })
    expectCounted(run.ledgers.at(-1) ?? {}, run.lines.length, count)
  })

  it.each(BUFFERS)('is exact, for as many processes, through %s', async (buffer) => {
    const count = 5000
    const another = await scene.startCaller(AS_ANOTHER_USER)
    const run = await scene.trace(['-o', 'json', '-u', String(ANOTHER_USER), '--buffer', buffer])
    expect(await another.ask('storm', String(count), scene.folder.program, 'a', '--end')).toMatchObject({
      started: count,
    })
    expect(await run.end()).toEqual({ code: 0, signal: null })
    expectCounted(run.ledgers.at(-1) ?? {}, run.lines.length, count)
  })

  it.each(BUFFERS.flatMap((buffer) => RUNGS.map((rung) => ({ buffer, rung }))))(
    'is exact where a buffer of a page is read late, by $rung through $buffer',
    async ({ buffer, rung }) => {
      const count = 1000
      const small = { ...execsnoop, sizes: [{ entries: 8, bufferBytes: 4096 }] } as const
      const { session } = openTool(small, { pid: scene.caller.pid }, { buffer, rung })
      try {
        const { events: source } = session
        let delivered = 0
        const read = () => source.drain(() => delivered++, 1000)
        // Nobody reads meanwhile: the first are kept, and all that come when it is full are lost.
        await scene.started('self', String(count), scene.folder.program)
        read()
        await scene.started('execve', scene.folder.program, 'there is room again')
        session.detach()
        while (read() > 0);
        const { received, malformed } = source
        const balance = session.balance({ received, malformed, delivered, ended: true })
        expect(received).toBe(delivered)
        expect(delivered).toBeGreaterThan(1)
        expect(balance).toMatchObject({ delivered, inFlight: 0, sampledOut: 0, truncated: 0 })
        expect(balance.produced).toBe(count + 1 + balance.filtered)
        expect([...balance.dropped]).toEqual([['buffer_full', count + 1 - delivered]])
      } finally {
        session.close()
      }
    },
  )

  it.each(BUFFERS)('is whole where more fail at once than are followed, through %s', async (buffer) => {
    const small = { ...execsnoop, sizes: [{ entries: 1, bufferBytes: 1 << 16 }] } as const
    const others = await Promise.all(Array.from({ length: 4 }, () => scene.startCaller()))
    const { session } = openTool(small, { fails: true }, { buffer })
    try {
      const { events: source } = session
      let delivered = 0
      const read = () => source.drain(() => delivered++, 1000)
      for (let round = 0; round < 50; round++) {
        await Promise.all(others.map((one) => one.exec('execve', scene.folder.at('none'), 'none')))
        read()
      }
      session.detach()
      while (read() > 0);
      const { received, malformed } = source
      const balance = session.balance({ received, malformed, delivered, ended: true })
      const { buffer_full = 0, end_missed = 0, ...rest } = Object.fromEntries(balance.dropped)
      expect(rest).toEqual({})
      expect(balance.inFlight).toBe(0)
      expect(balance.produced).toBe(delivered + buffer_full + end_missed)
      expect(balance.produced).toBeGreaterThanOrEqual(200)
    } finally {
      session.close()
    }
  })
})

/** That an account tells of as many as the test has made: each told, or lost to the buffer. */
function expectCounted(account: Readonly<Record<string, unknown>>, lines: number, count: number): void {
  const { produced, filtered, delivered, dropped } = account as Readonly<Record<string, number>> & {
    readonly dropped: Readonly<Record<string, number>>
  }
  const { buffer_full = 0, ...others } = dropped
  expect(others).toEqual({})
  expect(account).toMatchObject({ in_flight: 0, sampled_out: 0, truncated: 0, delivered: lines })
  expect((delivered as number) + buffer_full).toBe(count)
  expect(produced).toBe(count + (filtered as number))
}
