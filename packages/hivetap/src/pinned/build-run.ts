import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type MemlockError, SharedRecords } from '@hivetap/bpf'
import type { AttachedParts, Keeper, ToolParts } from '../probes/keeper.js'
import { type Opened, openTool, type Refusal } from '../probes/open-tool.js'
import { BUFFER_BYTES } from '../probes/shared-events.js'
import type { AnyTool, Attached, Placement, Rung } from '../probes/tool.js'
import { identityOf, layoutOf } from './identity.js'
import { placesOf, RUN, type ToolPlaces, UNFINISHED } from './places.js'
import { pinProgress } from './progress.js'
import { type KeptTool, pinRecord } from './record.js'

/** A tool that is to be kept, and what is asked of it. */
export interface WantedTool {
  readonly tool: AnyTool
  readonly options: unknown
  /** The step of its ladder; the best that can be taken, without. */
  readonly rung?: Rung
}

/** What is pinned with the tools. */
export interface RunShape {
  readonly epoch: string
  readonly since: number
  readonly version: string
  /** Bytes of the ring buffer. */
  readonly bufferBytes: number
  /** Called before anything is attached; what it returns, if nothing is in the end. */
  readonly begins?: ((epoch: string) => () => void) | undefined
}

/** How a tool was opened: what `openTool` says besides the session. */
export interface HowOpened {
  readonly refusals: readonly Refusal[]
  readonly reduced: MemlockError | undefined
}

/**
 * Attaches tools and pins all that they are, in a folder that gets its name last: one that was cut short is never taken for
 * whole. What of it is open here is closed.
 *
 * @throws {NoRungError} if a tool cannot be had, or not so that it can be pinned
 * @throws {UnsupportedError} without ring buffers; {BpfError}, and Node's own errors of files
 */
export function buildRun(directory: string, wanted: readonly WantedTool[], shape: RunShape): HowOpened[] {
  return build(directory, wanted, shape, (folder) => renameSync(folder, join(directory, RUN)))
}

/**
 * Attaches and pins a tool beside what is pinned in a directory that this process holds, and removes it again.
 *
 * @throws what `buildRun` throws, if it cannot be had, or not so that it can be pinned
 */
export function tryToPin(directory: string, wanted: WantedTool): void {
  const shape = { epoch: randomUUID(), since: 0, version: '', bufferBytes: BUFFER_BYTES }
  build(directory, [wanted], shape, (folder) => rmSync(folder, { recursive: true }))
}

/** @param whole what becomes of the folder once all of it is there */
function build(
  directory: string,
  wanted: readonly WantedTool[],
  shape: RunShape,
  whole: (folder: string) => void,
): HowOpened[] {
  const folder = join(directory, UNFINISHED)
  const places = placesOf(folder)
  const opened: Opened<Attached>[] = []
  let shared: SharedRecords | undefined
  const takeBack = shape.begins?.(shape.epoch)
  try {
    mkdirSync(folder, { mode: 0o700 })
    shared = new SharedRecords({ kind: 'ringbuf', bytes: shape.bufferBytes })
    shared.pin(places.events)
    pinProgress(places.progress, wanted.length)
    pinProgress(places.intended, wanted.length)
    const kept: KeptTool[] = []
    for (const [toolIndex, { tool, options, rung }] of wanted.entries()) {
      const keeper = new PinningKeeper(tool.name, places.tool(tool.name))
      const wish = {
        buffer: 'ringbuf',
        shared,
        toolIndex,
        keeper,
        ...(rung === undefined ? {} : { rung }),
      } as const
      const result = openTool(tool, options, wish)
      opened.push(result)
      kept.push(keeper.record(options, result.session.placement))
    }
    const { epoch, since, version } = shape
    pinRecord(places.agent, { epoch, since, version, tools: kept })
    whole(folder)
    return opened.map(({ refusals, reduced }) => ({ refusals, reduced }))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    takeBack?.()
    throw error
  } finally {
    // What was pinned stays; what was not goes.
    for (const { session } of opened) session.close()
    shared?.close()
  }
}

/** Pins what a tool is attached by. */
class PinningKeeper implements Keeper {
  readonly #name: string
  readonly #places: ToolPlaces
  #parts: ToolParts | undefined

  constructor(name: string, places: ToolPlaces) {
    this.#name = name
    this.#places = places
  }

  find(): undefined {
    return undefined
  }

  keep(parts: ToolParts, { ledgers, nameMaps, programs, links }: AttachedParts): void {
    // A step of the ladder may have been given up when part of it was pinned.
    rmSync(this.#places.folder, { recursive: true, force: true })
    mkdirSync(this.#places.folder, { mode: 0o700 })
    ledgers.pin(this.#places.ledgers)
    nameMaps.names?.pin(this.#places.cgroupNames)
    nameMaps.wanted?.pin(this.#places.wantedCgroups)
    nameMaps.paths?.pin(this.#places.programPaths)
    for (const [index, name] of parts.programs.entries()) {
      programs[index]?.pin(this.#places.program(name))
      links[index]?.pin(this.#places.link(name))
    }
    this.#parts = parts
  }

  record(options: unknown, placement: Placement): KeptTool {
    const parts = this.#parts
    if (parts === undefined) throw new Error(`${this.#name} was opened without being kept`)
    const { rung, sizes } = placement
    return {
      name: this.#name,
      rung,
      sizes,
      identity: identityOf(this.#name, options, parts, placement),
      options,
      layout: layoutOf(parts.object.spec()),
      programs: [...parts.programs],
    }
  }
}
