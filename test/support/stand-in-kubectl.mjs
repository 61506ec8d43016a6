#!/usr/bin/env node
// @ts-check
/**
 * Stands for kubectl, for faults that a real cluster shows only by chance. What it does stands in the file that $STAND_IN names,
 * which a test may write anew while it runs; each call is noted beside it.
 */
import { appendFileSync, readFileSync } from 'node:fs'

/**
 * @typedef {object} Act what an exec does
 * @property {readonly string[]} [lines] that it prints
 * @property {readonly string[]} [stderr]
 * @property {number} [together] waits until so many execs were begun
 * @property {number} [flood] prints the last line so many times more
 * @property {'wait' | 'exit'} next waits for the end of its input; or ends at once
 * @property {readonly string[]} [last] that it prints once its input has ended
 * @property {number} [status] it ends with
 */
/** @typedef {{ pods: readonly unknown[], forbidden?: boolean, acts: Readonly<Record<string, readonly Act[]>> }} Scenario */

const path = process.env['STAND_IN'] ?? ''
const words = process.argv.slice(2)
const before = readFileSync(`${path}.calls`, 'utf8')
appendFileSync(`${path}.calls`, `${JSON.stringify(words)}\n`)
/** @type {Scenario} */
const scenario = JSON.parse(readFileSync(path, 'utf8'))

if (words.includes('get')) {
  process.stdout.write(JSON.stringify({ items: scenario.pods }))
} else {
  const pod = words[words.indexOf('--') - 1] ?? ''
  const times = before
    .split('\n')
    .filter((line) => line.includes('"exec"') && line.includes(`"${pod}"`)).length
  const acts = scenario.acts[pod] ?? []
  const act = acts[Math.min(times, acts.length - 1)]
  if (act !== undefined) await play(act)
}

/** @param {Act} act */
async function play({ lines = [], stderr = [], flood = 0, together = 1, next, last = [], status = 0 }) {
  while (execs() < together) await new Promise((resolve) => setTimeout(resolve, 5))
  process.stderr.write(stderr.map((line) => `${line}\n`).join(''))
  await write(lines.map((line) => `${line}\n`).join(''))
  const again = `${lines.at(-1) ?? ''}\n`.repeat(100)
  for (let count = 0; count < flood; count += 100) await write(again)
  if (next === 'wait') {
    process.stdin.resume()
    await new Promise((resolve) => process.stdin.on('end', resolve))
    await write(last.map((line) => `${line}\n`).join(''))
  }
  process.exitCode = status
  process.stdin.destroy()
}

function execs() {
  return readFileSync(`${path}.calls`, 'utf8').split('"exec"').length - 1
}

/**
 * @param {string} text `@now` in it, and `@now-60000`, is the time that it is, or was some milliseconds ago
 */
function write(text) {
  text = text.replaceAll(/@now([+-]\d+)?/g, (_, ms = '0') =>
    new Date(Date.now() + Number(ms)).toISOString().replace('Z', '000000Z'),
  )
  return new Promise((resolve) => process.stdout.write(text, resolve))
}
