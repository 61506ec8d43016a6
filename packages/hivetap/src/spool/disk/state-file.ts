import { existsSync, readFileSync } from 'node:fs'
import { decodeState, encodeState, type SpoolState, STATE_SLOT_BYTES } from '../codec/state.js'
import { WriteFile } from './write-file.js'

const SLOTS = 2

/**
 * A spool's state, in a file of two slots that are written in turns: whatever happens to the one, the other holds what was
 * there before. Its room is taken when it is created, so that it can be written where a disk is full; a file that is
 * written anew and renamed could not.
 */
export class StateFile {
  /** What an earlier process left; `undefined` if nothing, or nothing that can be read. */
  readonly state: SpoolState | undefined
  /** Whether there was a file, and nothing in it can be read. */
  readonly isLost: boolean
  readonly #file: WriteFile
  #generation: number

  /** @throws what the operating system says, if it cannot be created or read */
  constructor(path: string) {
    const slots = existsSync(path) ? readFileSync(path).subarray(0, SLOTS * STATE_SLOT_BYTES) : undefined
    const states = [0, 1].flatMap(
      (slot) => decodeState(slots?.subarray(slot * STATE_SLOT_BYTES) ?? Buffer.alloc(0)) ?? [],
    )
    this.state = states.sort((a, b) => b.generation - a.generation)[0]
    this.isLost = slots?.some((byte) => byte !== 0) === true && this.state === undefined
    this.#generation = this.state?.generation ?? 0
    this.#file = new WriteFile(path, slots === undefined ? 'wx' : 'r+')
    if (slots?.length === SLOTS * STATE_SLOT_BYTES) return
    try {
      const missing = Buffer.alloc(SLOTS * STATE_SLOT_BYTES - (slots?.length ?? 0))
      this.#file.write(missing, slots?.length ?? 0)
    } catch (error) {
      this.#file.close()
      throw error
    }
  }

  /** Writes the slot that is older. */
  write(state: Omit<SpoolState, 'generation'>): void {
    const generation = this.#generation + 1
    this.#file.write(encodeState({ ...state, generation }), (generation % SLOTS) * STATE_SLOT_BYTES)
    this.#generation = generation
  }

  get path(): string {
    return this.#file.path
  }

  sync(): Promise<boolean> {
    return this.#file.sync()
  }

  close(): void {
    this.#file.close()
  }
}
