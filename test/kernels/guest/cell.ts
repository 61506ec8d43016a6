import { events, type Run } from '../../support/hivetap.js'
import type { Condition } from './conditions.mjs'
import { type ExpectedEvent, problemsOfEvents, type Trial } from './trial.js'

/** A step of the ladder; `any` lets hivetap choose. */
export interface Step {
  readonly rung: 'any' | 'tp_btf' | 'raw_tp' | 'tracepoint'
  readonly buffer: 'any' | 'ringbuf' | 'perf'
}

/** What came of a tool's step under a condition. */
export interface CellResult extends Step {
  readonly condition: string
  readonly tool: string
  /** `ok`: every value was right; `no`: it said that it cannot, and why; `wrong`: anything else, which is a defect. */
  readonly state: 'ok' | 'no' | 'wrong'
  /** What it said, or what is wrong. */
  readonly reason?: string
  /** The step that was taken. */
  readonly taken?: string
  /** Fields that it said it cannot fill. */
  readonly without?: readonly string[]
}

/** A guest without hardware virtualisation, on a host that is busy with others, takes its time. */
const PATIENCE_MS = 120_000

/**
 * Runs a tool on one step, does what it has to tell of, and holds every value against what whoever did it says.
 *
 * @param start starts hivetap under the condition
 */
export async function runCell(
  tool: string,
  trial: Trial,
  condition: Condition,
  step: Step,
  start: (args: readonly string[]) => Run,
): Promise<CellResult> {
  const run = start([tool, ...trial.args, '-v', '--stats', '-o', 'json', ...stepArguments(step)])
  const cell = { condition: condition.id, tool, ...step }
  try {
    const refusal = await refusalOf(run)
    if (refusal !== undefined) return { ...cell, ...refusal }
    const expected = await trial.act()
    const own = () => events(run).filter((event) => trial.isOwn === undefined || trial.isOwn(event, expected))
    await run.until(() => own().length >= expected.length, `${expected.length} events`, PATIENCE_MS)
    const without = missingFields(run)
    // Where locked memory is short, paths are not kept either.
    const isKept = condition.keepsNoPaths !== true && !run.stderr.includes('locked memory is short')
    const unseen = condition.seesNoProgram === true && !isKept ? ['exe'] : []
    const problems = [
      ...(await problemsOfEnd(run, trial, expected)),
      ...problemsOfEvents(own(), expected, [...without, ...unseen], isKept ? [] : trial.fleeting),
    ]
    const taken = /attached by (\w+), events through a (ring|perf) buffer/.exec(run.stderr)
    return {
      ...cell,
      state: problems.length === 0 ? 'ok' : 'wrong',
      ...(problems.length === 0 ? {} : { reason: problems.join('; ') }),
      taken: `${taken?.[1]} ${taken?.[2] === 'ring' ? 'ringbuf' : 'perf'}`,
      without,
    }
  } catch (error) {
    return { ...cell, state: 'wrong', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    await run.kill()
  }
}

function stepArguments({ rung, buffer }: Step): string[] {
  return [...(rung === 'any' ? [] : ['--hook', rung]), ...(buffer === 'any' ? [] : ['--buffer', buffer])]
}

/** Resolves when it is attached, or with what it said before it ended. */
async function refusalOf(run: Run): Promise<Pick<CellResult, 'state' | 'reason'> | undefined> {
  await run.until(
    ({ hasEnded, stderr }) => hasEnded || stderr.includes('attached by'),
    'attached, or an end',
    PATIENCE_MS,
  )
  if (!run.hasEnded) return undefined
  const { code } = await run.ended()
  const [first = '', ...others] = run.stderr.trimEnd().split('\n')
  const said = first.replace(/^hivetap: /, '').replace(/; \d+ lines of log/, '')
  const clean = code === 1 && first.startsWith('hivetap: ') && !others.some((line) => /^\s+at /.test(line))
  return { state: clean ? 'no' : 'wrong', reason: clean ? said : `exit status ${code}: ${run.stderr}` }
}

/**
 * What the kernel counted must be what was told and what was left out, with nothing lost. Missed runs are left alone: a
 * busy machine has them of other programs, and of the test's own an event would be missing.
 */
async function problemsOfEnd(run: Run, trial: Trial, expected: readonly ExpectedEvent[]): Promise<string[]> {
  const { code } = await run.end()
  const problems: string[] = []
  if (code !== 0) problems.push(`exit status ${code}`)
  const ledger = run.ledgers.at(-1)
  if (ledger === undefined) return [...problems, 'there is no account']
  const count = (name: string) => Number(ledger[name])
  const isRight =
    ledger['ended'] === true &&
    count('delivered') === run.lines.length &&
    (trial.isOwn !== undefined || count('delivered') === expected.length) &&
    count('produced') === count('delivered') + count('filtered') &&
    Object.keys(ledger['dropped'] ?? {}).length === 0 &&
    ['sampled_out', 'in_flight', 'truncated'].every((name) => count(name) === 0)
  if (!isRight) problems.push(`the account of ${run.lines.length} events is ${JSON.stringify(ledger)}`)
  return problems
}

/** Fields that `-v` says are not known. */
function missingFields(run: Run): string[] {
  return [...run.stderr.matchAll(/^hivetap: (\w+) is not known here/gm)].map(([, field = '']) => field)
}
