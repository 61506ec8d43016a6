import { expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'
import type { ExecCaller } from '../../../../../test/support/exec-caller.js'
import { ExecScene } from '../../../../../test/support/exec-scene.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { openTool } from '../open-tool.js'
import { BUFFERS, RUNGS } from '../tool.js'
import type { ExecEvent } from './execsnoop.bpf.js'
import { type ExecsnoopOptions, execsnoop } from './execsnoop.js'

const describeHere = describeKernelIf(hasCommand('gcc'))
const smallest = { ...execsnoop, sizes: [execsnoop.sizes.at(-1) ?? execsnoop.sizes[0]] } as const
const ARGUMENT_BYTES = 768
const PATH_BYTES = 384

const scene = ExecScene.forTests()

describeHere('execsnoop where locked memory is short', () => {
  const steps = BUFFERS.flatMap((buffer) => RUNGS.map((rung) => ({ buffer, rung })))

  it.each(steps)('tells as much as it keeps, and marks the rest, by $rung through $buffer', async (step) => {
    const size = 900
    const { told, truncated } = await seen(step, {}, async (one) => {
      await one.exec('execve', scene.folder.program, 'n', 'y'.repeat(ARGUMENT_BYTES - 3))
      await one.exec('execve', scene.folder.program, 'n', 'y'.repeat(size))
    })
    expect(told).toMatchObject([
      { truncated: false, filename: scene.folder.program, args: ['n', 'y'.repeat(ARGUMENT_BYTES - 3)] },
      { truncated: true, filename: scene.folder.program, args: ['n', 'y'.repeat(ARGUMENT_BYTES - 2)] },
    ])
    expect(truncated).toBe(1)
  })

  it.each(steps)('does so of execs that fail, by $rung through $buffer', async (step) => {
    const none = scene.folder.at('none')
    const many = Array.from({ length: 20 }, (_, index) => String(index))
    const long = `/${'d'.repeat(PATH_BYTES)}`
    const { told, truncated } = await seen(step, { fails: true }, async (one) => {
      await one.exec('execve', none, ...many.slice(0, 16))
      await one.exec('execve', none, ...many)
      await one.exec('execve', long, 'n', 'y'.repeat(PATH_BYTES))
    })
    expect(told).toMatchObject([
      { truncated: false, filename: none, args: many.slice(0, 16) },
      { truncated: true, filename: none, args: many.slice(0, 16) },
      { truncated: true, filename: long.slice(0, PATH_BYTES - 1), args: ['n', 'y'.repeat(PATH_BYTES - 1)] },
    ])
    expect(truncated).toBe(2)
  })
})

/** What is told of a caller's execs, and how many of it the account says were cut. */
async function seen(
  step: Parameters<typeof openTool>[2],
  options: ExecsnoopOptions,
  act: (caller: ExecCaller) => Promise<void>,
): Promise<{ readonly told: readonly ExecEvent[]; readonly truncated: number }> {
  const { caller } = scene
  const { session } = openTool(smallest, { pid: caller.pid, ...options }, step)
  try {
    const told: ExecEvent[] = []
    await act(caller)
    session.detach()
    const { events } = session
    while (events.drain((event) => told.push(event), 1000) > 0);
    const { received, malformed } = events
    const balance = session.balance({ received, malformed, delivered: told.length, ended: true })
    expect(balance).toMatchObject({ inFlight: 0, delivered: told.length })
    return { told, truncated: balance.truncated }
  } finally {
    session.close()
  }
}
