// @ts-check
import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { boot } from './boot.mjs'
import { debianKernel } from './debian-kernel.mjs'
import { makeInitramfs, makeModuleInitramfs } from './initramfs.mjs'
import { BOOTS, MODULES } from './kernels.mjs'
import { resultOf } from './results.mjs'

/**
 * @typedef {object} Listener
 * @property {(version: string) => void} onVersion
 * @property {(result: import('./results.mjs').Result) => void} onResult
 * @property {(message: string) => void} onFailure
 */

/** A guest is given up when it has said nothing for so long. */
const SILENCE_MS = 300_000
/** Of what a guest said, the last lines are kept for whoever looks for the cause. */
const LAST_LINES = 20
/** How a kernel begins to say what is wrong with it, and how much of that is kept: the first time tells where, with its trace. */
const COMPLAINT = /\bBUG: |\bOops\b|rcu: .*stall|Kernel panic/
const COMPLAINT_LINES = 60

/** Boots guests that share an initramfs. */
export class Guests {
  #folder
  /** @type {string | undefined} */
  #initramfs

  /** @param {string} folder where kernels are kept */
  constructor(folder) {
    this.#folder = folder
  }

  /**
   * @param {import('./kernels.mjs').Suite} suite
   * @param {keyof typeof BOOTS} how
   * @param {Listener} listener
   * @param {readonly string[]} conditions all unless told
   */
  async run({ suite, column }, how, listener, conditions = []) {
    process.stdout.write(`${column.padEnd(5)} booting (${how})\n`)
    const kernel = debianKernel(suite, join(this.#folder, suite), MODULES)
    const initramfs = this.#initramfsFor(kernel.modules, `${suite}-${how}`)
    /** @type {string[]} */
    const last = []
    /** @type {string[]} */
    const complaint = []
    /** @type {string | undefined} */
    let status
    try {
      await boot({
        image: kernel.image,
        initramfs,
        commandLine: `hivetap.run=${['test/kernels/guest/main.js', column, how, ...conditions].join(',')} ${BOOTS[how]}`,
        silenceMs: SILENCE_MS,
        onLine: (line) => {
          last.push(line)
          if (last.length > LAST_LINES) last.shift()
          if ((complaint.length > 0 || COMPLAINT.test(line)) && complaint.length < COMPLAINT_LINES)
            complaint.push(line)
          const result = resultOf(line)
          if (result !== undefined) listener.onResult(result)
          const [, version] = /##KERNEL (\S+)/.exec(line) ?? []
          if (version !== undefined) listener.onVersion(version)
          status = /##EXIT (\d+)/.exec(line)?.[1] ?? status
          // Not what its kernel says: one that hung, a processor of it in a loop, said so every 20 seconds, for three quarters of an hour.
          return line.includes('##')
        },
      })
      if (status !== '0') throw new Error(`the guest's tests ended with status ${status ?? 'unknown'}`)
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error)
      const first = complaint.length === 0 ? [] : ['its kernel complained first:', ...complaint]
      listener.onFailure([what, ...first, 'it said last:', ...last].join('\n'))
    }
  }

  /**
   * The shared one, with a kernel's modules behind it.
   *
   * @param {readonly string[]} modules
   * @param {string} name
   */
  #initramfsFor(modules, name) {
    const folder = join(this.#folder, 'initramfs')
    mkdirSync(folder, { recursive: true })
    if (this.#initramfs === undefined) {
      this.#initramfs = join(folder, 'shared.cpio')
      makeInitramfs(this.#initramfs)
    }
    const own = join(folder, `${name}-modules.cpio`)
    makeModuleInitramfs(modules, own)
    const whole = join(folder, `${name}.cpio`)
    copyFileSync(this.#initramfs, whole)
    appendFileSync(whole, readFileSync(own))
    return whole
  }
}
