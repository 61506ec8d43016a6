import { BpfError, MemlockError } from '@hivetap/bpf'
import { type AnyTool, type Attached, BUFFERS, type BufferKind, type Placement, type Rung } from './tool.js'

/** What of the ladder is asked for; what is not is found. Of a buffer that is shared, the kind is to be asked for too. */
export interface Wish extends Pick<Placement, 'shared' | 'toolIndex' | 'keeper'> {
  readonly rung?: Rung
  readonly buffer?: BufferKind
}

/** A step of the ladder that could not be taken, and why. */
export interface Refusal {
  readonly rung: Rung
  readonly buffer: BufferKind
  readonly error: BpfError
}

/** What can be opened: a tool, or how it counts. */
export interface Openable<S extends Attached, O> extends Pick<AnyTool, 'name' | 'rungs' | 'sizes'> {
  readonly open: (options: O, placement: Placement) => S
}

/** A tool that was opened. */
export interface Opened<S extends Attached> {
  readonly session: S
  /** The better steps that were tried before. */
  readonly refusals: readonly Refusal[]
  /** Set if it was opened smaller than it should be: why. */
  readonly reduced: MemlockError | undefined
}

/** No step of the ladder can be taken here. */
export class NoRungError extends BpfError {
  readonly code = 'unsupported'
  /** The tool's name. */
  readonly tool: string
  readonly refusals: readonly Refusal[]

  constructor(tool: string, refusals: readonly Refusal[]) {
    const decisive = decisiveError(refusals)
    const message = decisive?.message ?? `${tool} cannot run here: ${describeRefusals(refusals).join('; ')}`
    const hint = decisive === undefined ? 'hivetap doctor says what each step needs.' : decisive.hint
    super(message, {
      cause: decisive ?? refusals[0]?.error,
      ...(hint === undefined ? {} : { hint }),
      ...(decisive?.needs === undefined ? {} : { needs: decisive.needs }),
    })
    this.tool = tool
    this.refusals = refusals
  }
}

/** What each rung said: once, where it was the same through both buffers. */
function describeRefusals(refusals: readonly Refusal[]): string[] {
  return [...new Set(refusals.map(({ rung, error }) => `${rung}: ${error.message}`))]
}

/** The one error that stands for all: rights that are lacking, or the only one, or the same on every step. */
function decisiveError(refusals: readonly Refusal[]): BpfError | undefined {
  const rights = refusals.find(({ error }) => error.needs === 'capabilities')
  if (rights !== undefined) return rights.error
  const [first, ...others] = refusals.map(({ error }) => error)
  return first !== undefined && others.every((other) => isSame(first, other)) ? first : undefined
}

/** Whether the same thing is behind two errors: one code has many reasons. */
function isSame(one: BpfError, other: BpfError): boolean {
  if (one.needs !== other.needs) return false
  return one.needs !== undefined || one.message === other.message
}

/**
 * Opens a tool on the best step of its ladder that this host allows: rung by rung, with a ring buffer where the kernel
 * takes one and perf buffers where not, smaller where locked memory is short. Every step is tried, none is guessed.
 *
 * @throws {NoRungError} if none can be taken
 */
export function openTool<S extends Attached, O>(
  tool: Openable<S, O>,
  options: O,
  wish: Wish = {},
): Opened<S> {
  const refusals: Refusal[] = []
  const rungs = wish.rung === undefined ? tool.rungs : [wish.rung]
  for (const rung of rungs) {
    for (const buffer of wish.buffer === undefined ? BUFFERS : [wish.buffer]) {
      const result = tryStep(tool, options, { ...wish, rung, buffer })
      if ('session' in result) return { ...result, refusals }
      refusals.push({ rung, buffer, error: result.error })
      if (isAboutRung(result.error)) break
    }
  }
  throw new NoRungError(tool.name, refusals)
}

/** What the rung lacks, or whoever asks for it: another buffer would not help. */
function isAboutRung({ needs, code }: BpfError): boolean {
  if (code === 'not_found' || code === 'unresolved_relocation') return true
  return needs === 'capabilities' || needs === 'kernel_btf' || needs === 'tracefs' || needs === 'lockdown'
}

/** What was closed counts as locked until the kernel has taken it apart, a moment later. */
const RELEASE_MS = 50

function waitForRelease(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RELEASE_MS)
}

function tryStep<S extends Attached, O>(
  tool: Openable<S, O>,
  options: O,
  step: Omit<Placement, 'sizes'>,
): Omit<Opened<S>, 'refusals'> | { readonly error: BpfError } {
  let reduced: MemlockError | undefined
  for (const sizes of tool.sizes) {
    const placement: Placement = { ...step, sizes }
    try {
      return { session: tool.open(options, placement), reduced }
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      if (!(error instanceof MemlockError)) return { error }
      reduced ??= error
      waitForRelease()
    }
  }
  if (reduced === undefined) throw new Error(`${tool.name} has no sizes`)
  return { error: reduced }
}
