// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 250
const REMIND_MS = 15_000

/** @param {string} line */
export function say(line) {
  process.stdout.write(`cluster: ${line}\n`)
}

/**
 * Waits until a condition holds, and says what for: at once, and again each quarter of a minute.
 *
 * @param {string} what
 * @param {() => boolean | Promise<boolean>} condition
 * @param {{ seconds: number, hint?: () => string }} options `hint`: what is said when it was in vain
 * @throws when it does not hold in time
 */
export async function until(what, condition, { seconds, hint }) {
  const start = Date.now()
  let said = 0
  while (!(await condition())) {
    const passed = Date.now() - start
    if (passed > seconds * 1000)
      throw new Error(`waited ${seconds} s for ${what} in vain${hint === undefined ? '' : `: ${hint()}`}`)
    if (passed >= said) {
      say(`waits for ${what}${said === 0 ? '' : ` (${Math.round(passed / 1000)} s)`}`)
      said += REMIND_MS
    }
    await sleep(POLL_MS)
  }
}
