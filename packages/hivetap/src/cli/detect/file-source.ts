import { Progress } from '../progress.js'
import { pieces } from './pieces.js'
import { SAVE_MS, type Source, TICK_MS } from './source.js'

/** Reads a file, or standard input, from where it is to its end. */
export function fileSource(path: string): Source {
  return async (watch, { signal, flush }) => {
    const progress = new Progress(() => `${watch.reader.counts.lines} lines read`)
    let savedMs = performance.now()
    for await (const piece of pieces(path, signal, TICK_MS)) {
      if (piece !== undefined) watch.reader.take(piece)
      watch.tick()
      await watch.tellWhoHears(signal)
      await flush()
      if (!watch.isHeard) return
      if (path !== '-') progress.tell()
      if (performance.now() - savedMs < SAVE_MS) continue
      await watch.save(null)
      savedMs = performance.now()
    }
    if (!signal.aborted) watch.reader.end()
    // What remembers goes on another time: windows that are open stay so. Else they end with what there is, for whoever
    // interrupts it has waited for that.
    if (watch.remembers) await watch.save(null)
    else watch.detector.finish()
  }
}
