/**
 * Runs every condition of a boot, and every step of the ladder in each, on the kernel that it is started on. It prints a
 * line of JSON a result.
 *
 *   node main.js COLUMN [plain|lockdown] [condition …]
 */
import { Client } from '../../support/client.js'
import { type CellResult, runCell, type Step } from './cell.js'
import { type Boot, CONDITIONS, type Condition } from './conditions.mjs'
import { runDoctor } from './doctor.js'
import { isWireAvailable, runWire } from './wire.js'

const ANY: Step = { rung: 'any', buffer: 'any' }
const STEPS: readonly Step[] = (['tp_btf', 'raw_tp', 'tracepoint'] as const).flatMap((rung) =>
  (['ringbuf', 'perf'] as const).map((buffer) => ({ rung, buffer })),
)

const [column = 'here', boot = 'plain', ...only] = process.argv.slice(2)
const conditions = CONDITIONS[boot as Boot].filter(
  ({ id, kernels }) => (only.length === 0 || only.includes(id)) && kernels?.includes(column) !== false,
)
for (const condition of conditions) await tryCondition(condition)
if (boot === 'plain' && isWireAvailable()) await tryWire()

function stepsOf({ steps = 'all' }: Condition): readonly Step[] {
  if (steps === 'chosen') return [ANY]
  return [ANY, ...STEPS.filter(({ rung }) => steps === 'all' || rung === 'tracepoint')]
}

function report(kind: 'cell' | 'doctor' | 'wire', result: object): void {
  process.stdout.write(`##RESULT ${JSON.stringify({ kind, ...result })}\n`)
}

async function tryCondition(condition: Condition): Promise<void> {
  const client = new Client()
  const cells: CellResult[] = []
  for (const step of stepsOf(condition)) {
    // The step that is taken when nothing is asked for need not be tried again.
    const [chosen] = cells
    const same = chosen?.state === 'ok' && chosen.taken === `${step.rung} ${step.buffer}`
    const cell = same ? { ...chosen, ...step } : await runCell(client, condition, step)
    cells.push(cell)
    report('cell', cell)
  }
  client.stop()
  if (condition.steps !== 'chosen') report('doctor', runDoctor(condition, cells))
}

async function tryWire(): Promise<void> {
  const steps = conditions.flatMap((condition) => {
    if (condition.id === 'root')
      return ['tp_btf', 'raw_tp', 'tracepoint'].map((rung) => ({ condition, rung }))
    return condition.id === 'no-btf' ? [{ condition, rung: 'tracepoint' }] : []
  })
  for await (const result of runWire(steps)) report('wire', result)
}
