// @ts-check
/**
 * Loaded before the agent: at SIGUSR2 all that is not in use any more is collected. V8 leaves garbage for as long as there is room,
 * at a few hundred events a second for more than two minutes: what is resident then rises as if it leaked.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

process.on('SIGUSR2', () => {
  collect()
  // What the first leaves to finalizers, as the memory of buffers.
  setImmediate(() => collect())
})
