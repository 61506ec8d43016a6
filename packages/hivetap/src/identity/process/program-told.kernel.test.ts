import { openKernelBtf } from '@hivetap/bpf'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'
import { ConnectorFolder } from '../../../../../test/support/connector.js'
import { events, Hivetap } from '../../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { RUNGS } from '../../probes/tool.js'

/** Without the right to look at what others run: what /proc says is not there, as in a pod. */
const BPF_AND_PERFMON = '-all,+cap_38,+cap_39'
const ALONE = ['setpriv', '--bounding-set', BPF_AND_PERFMON, '--inh-caps', BPF_AND_PERFMON]
/** Linux 6.16 tells of an end before the memory is gone: it says then which thread is the last. */
const TELLS_LAST = openKernelBtf()
  ?.find('struct', 'trace_event_raw_sched_process_exit')
  ?.type.members.some(({ name }) => name === 'group_dead')

let folder: ConnectorFolder
let run: Hivetap | undefined
beforeAll(() => {
  if (hasCommand('gcc')) folder = new ConnectorFolder()
})
afterAll(() => folder?.close())
afterEach(async () => {
  await run?.kill()
  await folder?.endAll()
})

/** Runs a tool while a program begins, connects and ends. */
async function traced(args: readonly string[], prefix: readonly string[], program: string): Promise<number> {
  run = new Hivetap(args, { prefix })
  await run.attached()
  const pid = folder.start(program)
  await folder.letGo(pid)
  return pid
}

describeKernelIf(openKernelBtf() !== undefined && hasCommand('gcc'))('a program that is gone', () => {
  const steps = RUNGS.flatMap((rung) =>
    ['tcpconnlat', 'execsnoop', ...(TELLS_LAST ? ['exitsnoop'] : [])].map((tool) => [tool, rung] as const),
  )

  it.each(steps)('is told by %s, by %s, where /proc shows none', async (tool, rung) => {
    const program = folder.copyTo('some', 'program')
    const from = Date.now()
    const more = tool === 'tcpconnlat' ? ['-x'] : []
    // Classic tracepoints want tracefs, which root alone may read.
    const prefix = rung === 'tracepoint' ? [] : ALONE
    const pid = await traced([tool, ...more, '-v', '-o', 'json', '--hook', rung], prefix, program)
    const own = () => events(run as Hivetap).filter((event) => event['pid'] === pid)
    await run?.until(() => own().length >= 1, 'its event')
    const [event] = own()
    expect(event?.['exe']).toBe(program)
    const start = Date.parse(String(event?.['process_start']))
    expect(start).toBeGreaterThan(from - 20)
    expect(start).toBeLessThanOrEqual(Date.now() + 20)
  })

  it('shows nothing in a table that a terminal would obey', async () => {
    const name = 'a\nb\u001b[31m\u0007c'
    const pid = await traced(
      ['tcpconnlat', '-x', '-v', '--columns', 'PID,EXE,DADDR'],
      [],
      folder.copyTo(name),
    )
    await run?.until(({ stdout }) => stdout.includes(`${pid} `), 'its row')
    const row = run?.lines.find((line) => line.includes(`${pid} `)) ?? ''
    expect(run?.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
    expect(row).toContain(`${folder.path}/a`)
    expect(row).toContain('127.0.0.1')
  })
})
