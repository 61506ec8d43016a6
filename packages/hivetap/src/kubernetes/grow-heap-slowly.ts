import { setFlagsFromString } from 'node:v8'

/**
 * By how much of what is in use V8's heap may grow before it is cleared up, percent. By itself V8 lets it grow to several times of
 * what is in use: in a cluster where hundreds of pods a second come and go, what was of pods that are gone is most of it then.
 */
const PERCENT = 20

/** Has this process keep little of what is not in use any more: it costs processor time, where much comes and goes. */
export function growHeapSlowly(): void {
  // V8 reads it each time that it decides, so that it may be set at any time. One that does not know it says so and
  // goes on; those of Node 20 to 26 know it.
  setFlagsFromString(`--heap-growing-percent=${PERCENT}`)
}
