/**
 * hivetap several times in one process, as starting one takes a guest without hardware virtualisation seconds. Each line of
 * standard input is a list of arguments, in JSON. When hivetap is done with it, a line on both outputs says so, with its status.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { loadCommand } from './command.js'

/** Of what was closed, the kernel gives back the locked memory only then: a process of its own would come later still. */
const RELEASE_MS = 200

const command = await loadCommand()
// Between two runs a signal that came late must end nothing.
process.on('SIGINT', () => undefined)
for await (const line of createInterface({ input: process.stdin })) {
  const status = await command(JSON.parse(line) as string[])
  await setTimeout(RELEASE_MS)
  for (const fd of [1, 2]) writeSync(fd, `##END ${status}\n`)
}
