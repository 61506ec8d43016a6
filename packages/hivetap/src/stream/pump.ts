import type { Sink } from './sink.js'
import type { EventSource } from './source.js'

/** Events handed over at a time: some milliseconds of work. */
const BATCH = 4096

/** Something to be done now and then, between batches. */
export interface Chore {
  readonly everyMs: number
  run(): Promise<void>
}

/** How a pump goes on. */
export interface PumpOptions {
  readonly chore?: Chore
  /** What ends waiting for the sink: `signal`, unless told. With it, `signal` ends the reading alone. */
  readonly patience?: AbortSignal
}

/**
 * Moves events from the kernel's buffer to a sink until `signal` aborts or the sink is closed.
 *
 * While the sink waits, the buffer fills: that is the queue, its size is its bound, and the kernel counts what it has no
 * room for. Nothing is polled: the kernel wakes it.
 */
export async function pump<E>(
  events: EventSource<E>,
  sink: Sink<E>,
  signal: AbortSignal,
  { chore, patience = signal }: PumpOptions = {},
): Promise<void> {
  let isDue = false
  const timer =
    chore === undefined
      ? undefined
      : setInterval(() => {
          isDue = true
          events.wake()
        }, chore.everyMs)
  try {
    while (!signal.aborted && !sink.closed) {
      const count = await moveBatch(events, sink, patience)
      if (isDue && !signal.aborted) await chore?.run()
      isDue = false
      // A full batch means that there is more: let signals in, then go on. Otherwise the kernel says when.
      if (count === BATCH) await new Promise(setImmediate)
      else if (!signal.aborted && !sink.closed) await events.wait({ signal })
    }
  } finally {
    clearInterval(timer)
  }
}

/** Moves what is left, once no program writes any more: all of it, if the sink takes it before `signal` aborts. */
export async function drainRest<E>(
  events: EventSource<E>,
  sink: Sink<E>,
  signal: AbortSignal,
): Promise<void> {
  await sink.flush(signal)
  while (!sink.closed && !signal.aborted && (await moveBatch(events, sink, signal)) > 0);
}

/**
 * Reads what the sink did not take, once no program writes any more: then the account says that it was lost at the output,
 * and not that the buffer had no room for it.
 */
export function discardRest<E>(events: EventSource<E>): void {
  while (events.drain(() => undefined, BATCH) > 0);
}

async function moveBatch<E>(events: EventSource<E>, sink: Sink<E>, signal: AbortSignal): Promise<number> {
  sink.beginBatch()
  const count = events.drain((event) => sink.take(event), BATCH)
  await sink.flush(signal)
  return count
}
