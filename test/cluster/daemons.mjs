// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { environment } from './commands.mjs'

/** How long one that was asked to end may take, before it is killed. */
const PATIENCE_MS = 15_000

/**
 * Processes of a cluster, which live on when the command ends: each has a file with its pid, and one with what it says.
 * A pid counts only while the process is what was started: pids are given again.
 */
export class Daemons {
  #run
  #log
  #state

  /** @param {import('./instance.mjs').Cluster} cluster */
  constructor({ run, log, state }) {
    this.#run = run
    this.#log = log
    this.#state = state
  }

  /** Names of those that were started and not stopped, whether they live or not. */
  names() {
    return names(this.#run)
  }

  /**
   * The process of that name, if it lives.
   *
   * @param {string} name
   */
  pid(name) {
    try {
      const pid = Number(readFileSync(join(this.#run, `${name}.pid`), 'utf8'))
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ')
      // A node's holder sleeps; all others are told a file of the cluster.
      const isOurs = /^node\d$/.test(name) ? /\bsleep\b/.test(command) : command.includes(`${this.#state}/`)
      return isOurs ? pid : undefined
    } catch {
      return undefined
    }
  }

  /**
   * Starts it, unless it lives.
   *
   * @param {string} name
   * @param {readonly string[]} command
   */
  async start(name, [command = '', ...args]) {
    if (this.pid(name) !== undefined) return
    for (const folder of [this.#run, this.#log]) mkdirSync(folder, { recursive: true })
    const output = openSync(this.logFile(name), 'a')
    try {
      const child = spawn(command, args, {
        detached: true,
        stdio: ['ignore', output, output],
        env: environment(),
        cwd: '/',
      })
      await once(child, 'spawn')
      writeFileSync(join(this.#run, `${name}.pid`), String(child.pid))
      child.unref()
    } finally {
      closeSync(output)
    }
  }

  /**
   * Asks one to end, waits, and kills it if it does not.
   *
   * @param {string} name
   */
  async stop(name) {
    const pid = this.pid(name)
    if (pid !== undefined) await endProcesses([pid])
    rmSync(join(this.#run, `${name}.pid`), { force: true })
  }

  /** @param {string} name */
  logFile(name) {
    return join(this.#log, `${name}.log`)
  }

  /**
   * The end of what one has said.
   *
   * @param {string} name
   */
  lastWords(name) {
    try {
      return readFileSync(this.logFile(name), 'utf8').trimEnd().split('\n').slice(-3).join('\n')
    } catch {
      return `it has said nothing (${this.logFile(name)})`
    }
  }
}

/**
 * Asks processes to end, waits, and kills those that have not.
 *
 * @param {readonly number[]} pids
 */
export async function endProcesses(pids, patienceMs = PATIENCE_MS) {
  for (const pid of pids) signal(pid, 'SIGTERM')
  const deadline = Date.now() + patienceMs
  while (pids.some(isAlive) && Date.now() < deadline) await sleep(100)
  for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL')
  while (pids.some(isAlive)) await sleep(50)
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}

/** @param {string} folder */
function names(folder) {
  try {
    return readdirSync(folder).flatMap((file) => (file.endsWith('.pid') ? [file.slice(0, -4)] : []))
  } catch {
    return []
  }
}
