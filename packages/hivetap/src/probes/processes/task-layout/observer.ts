import { randomBytes } from 'node:crypto'
import type { OwnSample } from './find-members.js'
import { nameThread } from './own-thread.js'
import { taskLayout as object, type Sample } from './task-layout.bpf.js'

/** A name that nobody else has, as long as a name can be. */
const NAME_BEGIN = 'hivetap-'
const NAME_LENGTH = 15

/**
 * Looks at the calling thread's task, and at its children's, through programs in the kernel. A program runs when the thread
 * is given a name, which it is given whenever something is asked: its own, so that nobody sees a difference.
 */
export class Observer {
  readonly #name: Uint8Array
  readonly #alias = uniqueName()
  readonly #loaded: ReturnType<typeof load>
  #pid = 0
  #lastTime = 0n

  /**
   * @param name what the thread is called, with the zero behind it
   * @throws {BpfError} if the programs cannot be loaded or attached
   */
  constructor(name: Uint8Array) {
    this.#name = name
    this.#loaded = load(this.#alias)
  }

  /**
   * Finds out how the kernel itself numbers the thread, for which it bears a name of its own until this returns.
   *
   * @returns its task, as it was with that name; `undefined` if no program ran
   */
  identify(): (Sample & OwnSample) | undefined {
    nameThread(this.#alias)
    nameThread(this.#name)
    const seen = this.#fresh()
    if (seen === undefined) return undefined
    this.#pid = seen.pid
    return { ...seen, name: this.#alias }
  }

  /** The task of the thread; or, where an address is given, what lies there in the kernel's memory. */
  look(address = 0n): Sample | undefined {
    this.#loaded.maps.subjects.set(0, { pid: this.#pid, child: 0n, address })
    nameThread(this.#name)
    return this.#fresh()
  }

  /** The task of the child that the thread has made since it was last looked at, as it was at its end. */
  child(): Sample | undefined {
    const { child } = this.#loaded.maps.subjects.get(0) ?? { child: 0n }
    const seen = this.#fresh()
    return child !== 0n && seen?.task === child ? seen : undefined
  }

  [Symbol.dispose](): void {
    this.#loaded.close()
  }

  /** What was there before is not taken for new: the kernel leaves a program out where another one is running. */
  #fresh(): Sample | undefined {
    const seen = this.#loaded.maps.samples.get(0)
    if (seen === undefined || seen.time <= this.#lastTime) return undefined
    this.#lastTime = seen.time
    return seen
  }
}

function load(alias: Uint8Array) {
  const words = new DataView(alias.buffer)
  const loaded = object.load({
    constants: { nameBegin: words.getBigUint64(0, true), nameEnd: words.getBigUint64(8, true) },
    kernelBtf: 'none',
  })
  try {
    for (const program of Object.values(loaded.programs)) program.attach()
    return loaded
  } catch (error) {
    loaded.close()
    throw error
  }
}

/** Fifteen bytes, and the zero behind them. */
function uniqueName(): Uint8Array<ArrayBuffer> {
  const name = new Uint8Array(NAME_LENGTH + 1)
  const text = NAME_BEGIN + randomBytes(NAME_LENGTH).toString('hex')
  name.set(Buffer.from(text).subarray(0, NAME_LENGTH))
  return name
}
