// @ts-check
/**
 * A program that writes to its standard output as hivetap does, and answers over its channel meanwhile: as long as it
 * answers, its event loop runs. A process of its own, so that a test is not stuck where it is.
 */
import { Output } from '../../packages/hivetap/dist/sinks/output.js'

/**
 * @typedef {{ op: 'write', text: string, lines: number } | { op: 'flush' } | { op: 'abort' } | { op: 'close' } | { op: 'status' }} WriterCommand
 *   `write` also begins to flush
 */
/**
 * @typedef {object} WriterStatus
 * @property {'idle' | 'flushing' | 'failed'} state
 * @property {string} [error] what it failed with
 * @property {number} lines
 * @property {boolean} closed
 * @property {number} signals how often SIGUSR2 was handled
 */

const output = new Output(1)
let abort = new AbortController()
/** @type {WriterStatus['state']} */
let state = 'idle'
/** @type {string | undefined} */
let failure
let signals = 0

process.on('SIGUSR2', () => {
  signals++
})
process.on('message', (/** @type {WriterCommand} */ command) => {
  run(command)
  // An answer comes a turn of the event loop later: it is not only this handler that runs.
  setImmediate(() => {
    /** @type {WriterStatus} */
    const status = { state, lines: output.lines, closed: output.closed, signals }
    process.send?.(failure === undefined ? status : { ...status, error: failure })
  })
})

/** @param {WriterCommand} command */
function run(command) {
  switch (command.op) {
    case 'write':
      output.write(command.text, command.lines)
      return flush()
    case 'flush':
      return flush()
    case 'abort':
      return abort.abort()
    case 'close':
      return output.close()
    case 'status':
      return undefined
  }
}

function flush() {
  state = 'flushing'
  abort = new AbortController()
  output.flush(abort.signal).then(
    () => {
      state = 'idle'
    },
    (error) => {
      state = 'failed'
      failure = `${error.constructor.name}: ${error.message}`
    },
  )
}
