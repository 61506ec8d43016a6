import type { Identify } from '../kubernetes/event-identity.js'
import { type Names, onlyPods } from '../kubernetes/names.js'
import { tryToPin, type WantedTool } from '../pinned/build-run.js'
import { openPinned } from '../pinned/open-pinned.js'
import type { PinnedRun } from '../pinned/pinned-run.js'
import { PIN_DIRECTORY } from '../pinned/places.js'
import { countedOnce } from '../probes/connects/counted-once.js'
import { sampleOf } from '../probes/filters.js'
import type { Rung } from '../probes/tool.js'
import type { AgentConfig, AgentLog, ToolConfig, ToolState } from './agent.js'
import {
  attachWhatCan,
  type RefusedTool,
  refusedStates,
  tellRefused,
  triedInVain,
} from './attach-what-can.js'
import type { EpochsOptions } from './epochs.js'
import type { OpenCapture } from './open-capture.js'
import { PinnedCapture } from './pinned-capture.js'
import { type RecordedTool, Recorder } from './recorder.js'
import { VERSION } from './version.js'

/**
 * Goes on with the tools that are pinned, if they are what the configuration asks for, but for tools that cannot be attached
 * here; if they are something else, ends their epoch with its account first; then, or where nothing is pinned, attaches the
 * tools, as many as can be, and pins them.
 *
 * @throws {PinsHeldError} if another agent has them
 * @throws {BpfError} if one that is required cannot be attached so that it can be pinned, or none
 */
export async function openPinnedCapture(config: AgentConfig, options: EpochsOptions): Promise<OpenCapture> {
  const refused: RefusedTool[] = []
  let wanted = config.tools
  for (;;) {
    const opened = attachWhatCan(wanted, (tools) => openRun({ ...config, tools }, options))
    const run = opened.attached
    refused.push(...opened.refused)
    wanted = opened.tools
    try {
      const isKnown = knows(options, run)
      if (run.state === 'new' || (run.state === 'adopted' && isKnown)) {
        tellRefused(refused, options.log)
        return goOn(run, { ...config, tools: wanted }, { ...options, refused })
      }
      const vain = isKnown ? lackingInVain(run, { ...config, tools: wanted }) : []
      if (vain.length > 0) {
        refused.push(...vain)
        wanted = wanted.filter((tool) => !vain.some((each) => each.tool === tool))
        run.close()
        continue
      }
      if (isKnown && run.tools.every(({ tool }) => tool !== undefined)) await endEpoch(run, config, options)
      else tellLost(run, options.log)
      run.remove()
    } catch (error) {
      run.close()
      throw error
    }
  }
}

/**
 * Tools that are asked for, and are not pinned beside others that are, and cannot be attached now either: for them the epoch
 * of the others is not to end.
 */
function lackingInVain(run: PinnedRun, config: AgentConfig): readonly RefusedTool[] {
  const isPinned = ({ tool }: ToolConfig) => run.tools.some(({ name }) => name === tool.name)
  const lacking = config.tools.filter((tool) => !isPinned(tool))
  if (lacking.length === config.tools.length || lacking.some(({ required }) => required === true)) return []
  return triedInVain(lacking, (tool) => tryPinnedTool(tool, config))
}

/** @throws {BpfError} if this tool cannot be attached now so that it can be pinned */
export function tryPinnedTool(tool: ToolConfig, { hook, pin }: AgentConfig): void {
  tryToPin(pin?.directory ?? PIN_DIRECTORY, wantedTool(tool, hook))
}

function wantedTool({ tool, options }: ToolConfig, rung: Rung | undefined): WantedTool {
  return { tool, options, ...(rung === undefined ? {} : { rung }) }
}

/** Whether all that a run has handed on so far stands in the spool: also nothing, of one that was killed as it began. */
function knows({ spool, file }: EpochsOptions, { epoch, position }: PinnedRun): boolean {
  return spool.end?.epoch === epoch || (position === 0n && file?.read()?.epoch === epoch)
}

function openRun(
  { tools, hook, buffer, pin }: AgentConfig,
  { spool, file, names }: Pick<EpochsOptions, 'spool' | 'file' | 'names'>,
): PinnedRun {
  const wanted = tools.map((tool) => wantedTool({ ...tool, options: onlyPods(tool.options, names) }, hook))
  return openPinned(wanted, {
    ...(pin === undefined ? {} : { directory: pin.directory }),
    ...(buffer.bytes === undefined ? {} : { bufferBytes: buffer.bytes }),
    version: VERSION,
    begins: (epoch) => {
      const before = file?.read()
      file?.begin(epoch, spool.end)
      return () => file?.restore(before)
    },
  })
}

function goOn(
  run: PinnedRun,
  config: AgentConfig,
  { log, spool, names, refused }: EpochsOptions & { readonly refused: readonly RefusedTool[] },
): OpenCapture {
  const { tools } = config
  const countedBy = countedOnce(tools)
  const capture = captureOf(
    run,
    tools.map(({ tool, options }, index) => {
      const missing = run.tools[index]?.attached?.missing ?? new Map()
      return {
        tool,
        missing,
        sample: sampleOf(options),
        countedBy: countedBy[index],
        identify: followPinned(run, index, names),
      }
    }),
    config,
    spool,
  )
  if (run.state === 'adopted')
    log.info('going on with the programs that are pinned: nothing was missed', {
      epoch: run.epoch,
      since: new Date(run.since).toISOString(),
    })
  const states = run.tools.map(({ name, attached }): ToolState => {
    const { rung, buffer } = attached?.placement ?? {}
    return {
      tool: name,
      attached: true,
      ...(rung === undefined ? {} : { rung }),
      ...(buffer === undefined ? {} : { buffer }),
    }
  })
  return { capture, tools: [...states, ...refusedStates(refused)] }
}

/**
 * Follows a pinned tool. What it tells that is not wanted is left out as it is read: also of what it told while no agent ran, by
 * what is known now.
 */
function followPinned(run: PinnedRun, index: number, names: Names): Identify<unknown> | undefined {
  const { tool, names: told, filtersCgroups } = run.tools[index] ?? {}
  // Of one that is to be ended, and was asked for all pods, nothing is left out.
  if (tool === undefined || told === undefined || (names.only && filtersCgroups !== true)) return undefined
  const { identify, wanted } = names.follow<unknown>(tool, told, true)
  if (wanted !== undefined) run.filter(index, wanted)
  return identify
}

/** Ends what is pinned and is something else than what is asked for: its epoch has its account. */
async function endEpoch(
  run: PinnedRun,
  config: AgentConfig,
  { log, spool, file, names }: EpochsOptions,
): Promise<void> {
  log.warn('other programs are pinned than are asked for: their epoch is ended, and another begins', {
    epoch: run.epoch,
    reason: run.reason,
  })
  const tools = run.tools.flatMap(({ tool }, index) =>
    tool === undefined ? [] : [{ tool, missing: new Map(), identify: followPinned(run, index, names) }],
  )
  const capture = captureOf(run, tools, config, spool)
  if (capture.recorder.sequences === 0) capture.recorder.tell('started')
  await capture.end(AbortSignal.timeout(config.shutdownTimeoutMs))
  file?.write({ ...file.read(), epoch: run.epoch, ended: true })
}

function tellLost(run: PinnedRun, log: AgentLog): void {
  log.error(
    'what is pinned cannot be gone on with: its events are lost, and its epoch ends without its account',
    {
      epoch: run.epoch,
      reason: run.reason ?? 'the spool does not know it',
    },
  )
}

/** Reads on where the spool ends. */
function captureOf(
  run: PinnedRun,
  tools: readonly RecordedTool[],
  { node, queue, accountIntervalMs }: AgentConfig,
  spool: EpochsOptions['spool'],
): PinnedCapture {
  const end = spool.end?.epoch === run.epoch ? spool.end : undefined
  if (end?.position !== undefined) run.resume(end.position)
  const events = run.balances().reduce((sum, balance) => sum + (balance?.delivered ?? 0), 0)
  const recorder = new Recorder(tools, {
    spool,
    node,
    batch: { records: queue.batchRecords, bytes: queue.batchBytes },
    epoch: run.epoch,
    firstSequence: end?.nextSequence ?? 0,
    eventsBefore: events,
    kept: run,
  })
  return new PinnedCapture(run, recorder, { lingerMs: queue.delayMs, accountEveryMs: accountIntervalMs })
}
