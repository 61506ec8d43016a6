import { ClosedError } from '@hivetap/bpf'
import type { CgroupGate } from '../../packages/hivetap/src/kubernetes/pod-filter.js'

/** A tool that is told what to leave out: in place of its map in the kernel. */
export class StandInGate implements CgroupGate {
  readonly said: Map<bigint, 'wanted' | 'left_out'>
  readonly #room: number
  #tellsOthers = false
  #isOpen = true

  constructor(already: readonly (readonly [bigint, 'wanted' | 'left_out'])[] = [], room = 4096) {
    this.said = new Map(already)
    this.#room = room
  }

  /** Whether the kernel tells of what is in a cgroup itself. */
  tells(key: bigint): boolean {
    const said = this.said.get(key)
    return said === undefined ? this.#tellsOthers : said === 'wanted'
  }

  close(): void {
    this.#isOpen = false
  }

  wantCgroup(key: bigint): void {
    this.#check()
    this.said.set(key, 'wanted')
  }

  leaveOutCgroup(key: bigint): boolean {
    this.#check()
    if (this.said.size >= this.#room) return false
    this.said.set(key, 'left_out')
    return true
  }

  forgetCgroup(key: bigint): void {
    this.#check()
    this.said.delete(key)
  }

  tellOtherCgroups(isTold: boolean): void {
    this.#check()
    this.#tellsOthers = isTold
  }

  wantedCgroups(): bigint[] {
    return this.#of('wanted')
  }

  leftOutCgroups(): bigint[] {
    return this.#of('left_out')
  }

  cgroupRoom(): number {
    return this.#room
  }

  #of(word: 'wanted' | 'left_out'): bigint[] {
    return [...this.said].flatMap(([key, said]) => (said === word ? [key] : [])).sort()
  }

  #check(): void {
    if (!this.#isOpen) throw new ClosedError('the map')
  }
}
