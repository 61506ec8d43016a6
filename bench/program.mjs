// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Longer than any of them takes to write what it still has. */
const ASK_AGAIN_MS = 90_000

/** A program that is measured, or that makes what is measured. */
export class Program {
  /** @readonly */ child
  /** What it printed, as far as it was read here. */
  stdout = ''
  stderr = ''
  #exit

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ stdout?: number | 'pipe' | 'ignore', env?: NodeJS.ProcessEnv }} [options] `stdout`: a descriptor in place of a pipe
   */
  constructor(command, args, { stdout = 'pipe', env = {} } = {}) {
    this.child = spawn(command, args, { stdio: ['pipe', stdout, 'pipe'], env: { ...process.env, ...env } })
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text
    })
    this.#exit = once(this.child, 'close')
  }

  /** @returns {number} */
  get pid() {
    if (this.child.pid === undefined) throw new Error(`${this.child.spawnfile} did not start`)
    return this.child.pid
  }

  /**
   * Waits until a condition holds; fails when the program ends before.
   *
   * @param {() => boolean} condition
   * @param {string} what
   */
  async until(condition, what) {
    while (!condition()) {
      if (this.child.exitCode !== null)
        throw new Error(
          `${this.child.spawnargs.join(' ')}: ended before ${what}: ${this.stderr}${this.stdout}`,
        )
      await wait(5)
    }
  }

  /** Writes a line to its standard input: programs that make something wait for one. */
  begin() {
    this.child.stdin?.write('\n')
  }

  /**
   * Asks it to end; again when it does not: bpftrace 0.17 was seen to wait on when the signal came just before it waited.
   *
   * @param {NodeJS.Signals} [signal]
   */
  async end(signal = 'SIGINT') {
    this.child.kill(signal)
    const again = setInterval(() => this.child.kill(signal), ASK_AGAIN_MS)
    try {
      await this.ended()
    } finally {
      clearInterval(again)
    }
  }

  async ended() {
    await this.#exit
    if (this.child.exitCode !== 0)
      throw new Error(`${this.child.spawnargs.join(' ')}: exit status ${this.child.exitCode}: ${this.stderr}`)
  }

  /** Its last line, which is JSON. @returns {Record<string, number>} */
  result() {
    return JSON.parse(this.stdout.trimEnd().split('\n').at(-1) ?? '')
  }

  /** Processor time of all its threads since it began, seconds: proc_pid_stat(5), in steps of 10 ms. */
  get cpuSeconds() {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  }

  /** A line of proc_pid_status(5), which is in KiB, in MB. @param {'VmRSS' | 'VmHWM'} name */
  memoryMB(name) {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6
  }

  /** How many descriptors it has of a kind: `anon_inode:[perf_event]`. @param {string} kind */
  descriptors(kind) {
    const folder = `/proc/${this.pid}/fd`
    return readdirSync(folder).filter((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`) === kind
      } catch {
        return false
      }
    }).length
  }
}

/** @param {number} ms @returns {Promise<void>} */
export function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
