/**
 * Runs every tool under every condition of a boot, on steps of its ladder, on the kernel that it is started on. It prints a
 * line of JSON a result.
 *
 *   node main.js COLUMN [plain|lockdown] [condition …]
 */
import { TOOLS } from '../../../packages/hivetap/src/probes/tools.js'
import { Hivetap } from '../../support/hivetap.js'
import { type CellResult, runCell, type Step } from './cell.js'
import { type Boot, CONDITIONS, type Condition } from './conditions.mjs'
import { runDoctor } from './doctor.js'
import { Series } from './series.js'
import type { BeginTrial, Trial } from './trial.js'
import { isWireAvailable, runWire } from './wire.js'

/** The tool that is tried on every step under every condition; tools climb the same ladder. */
const THOROUGH = 'tcpconnlat'

const RUNGS = ['tp_btf', 'raw_tp', 'tracepoint'] as const
const ANY: Step = { rung: 'any', buffer: 'any' }

const [column = 'here', boot = 'plain', ...only] = process.argv.slice(2)
const conditions = CONDITIONS[boot as Boot].filter(
  ({ id, kernels }) => (only.length === 0 || only.includes(id)) && kernels?.includes(column) !== false,
)
const trials = await beginTrials()
for (const condition of conditions) await tryCondition(condition)
for (const trial of trials.values()) trial.stop()
if (boot === 'plain' && isWireAvailable()) await tryWire()

/** By tool. A tool that has none is a tool that nobody tries. */
async function beginTrials(): Promise<ReadonlyMap<string, Trial>> {
  const found = new Map<string, Trial>()
  for (const { name } of TOOLS) {
    const { default: begin } = (await import(`./tools/${name}.js`)) as { default: BeginTrial }
    found.set(name, await begin())
  }
  return found
}

/** The steps that are asked for by name, besides the one that hivetap takes by itself. */
function stepsOf(tool: string, { steps = 'all', others = 'chosen' }: Condition, chosen: CellResult): Step[] {
  if (tool === THOROUGH) {
    const rungs = steps === 'chosen' ? [] : RUNGS.filter((rung) => steps === 'all' || rung === 'tracepoint')
    return rungs.flatMap((rung) => (['ringbuf', 'perf'] as const).map((buffer) => ({ rung, buffer })))
  }
  if (others !== 'rungs') return []
  // Perf buffers where hivetap would climb down to them.
  const [best] = chosen.taken?.split(' ') ?? []
  return RUNGS.flatMap((rung) => [
    { rung, buffer: 'ringbuf' as const },
    ...(rung === best ? [{ rung, buffer: 'perf' as const }] : []),
  ])
}

function report(kind: 'cell' | 'doctor' | 'wire', result: object): void {
  process.stdout.write(`##RESULT ${JSON.stringify({ kind, ...result })}\n`)
}

async function tryCondition(condition: Condition): Promise<void> {
  const cells: CellResult[] = []
  const series = new Series(condition)
  for (const [tool, trial] of trials) {
    if (tool !== THOROUGH && condition.others === 'none') continue
    for (const cell of await tryTool(tool, trial, condition, series)) cells.push(cell)
  }
  await series.stop()
  if (condition.steps !== 'chosen' && condition.brief !== true) report('doctor', runDoctor(condition, cells))
}

/**
 * What hivetap takes by itself is run as a user runs it, where that shows anything of its own; steps that are asked for
 * share a process.
 */
async function tryTool(
  tool: string,
  trial: Trial,
  condition: Condition,
  series: Series,
): Promise<CellResult[]> {
  const shared = (args: readonly string[]) => series.start(args)
  const own = (args: readonly string[]) => new Hivetap(args, condition)
  const isOwn = condition.brief !== true && condition.script === undefined
  const chosen = await runCell(tool, trial, condition, ANY, isOwn ? own : shared)
  report('cell', chosen)
  const cells = [chosen]
  for (const step of stepsOf(tool, condition, chosen)) {
    // The step that is taken when nothing is asked for need not be tried again.
    const same = chosen.state === 'ok' && chosen.taken === `${step.rung} ${step.buffer}`
    const cell = same ? { ...chosen, ...step } : await runCell(tool, trial, condition, step, shared)
    report('cell', cell)
    cells.push(cell)
  }
  return cells
}

async function tryWire(): Promise<void> {
  const steps = conditions.flatMap((condition) => {
    if (condition.id === 'root')
      return ['tp_btf', 'raw_tp', 'tracepoint'].map((rung) => ({ condition, rung }))
    return condition.id === 'no-btf' ? [{ condition, rung: 'tracepoint' }] : []
  })
  for await (const result of runWire(steps)) report('wire', result)
}
