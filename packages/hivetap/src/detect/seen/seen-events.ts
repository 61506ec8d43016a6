import { EPOCH_LENGTH, sequenceOf } from '../event-id.js'
import { Texts } from '../keys/texts.js'
import type { SavedSeen } from '../state/saved.js'
import { DetectStateError } from '../state/state-error.js'
import { PAGE, SeenPages } from './seen-pages.js'

/** Pages at most: 33 MB. Of an agent that tells of connects alone, one lasts for 256 of them. */
const MOST_PAGES = 2 ** 19
/** Epochs of which it is known where they are without looking: events of several come by turns. A power of two. */
const AT_HAND = 4096
/** Pages that are kept before it is looked for those that are of no use any more. */
const FIRST_SWEEP = 1024
/** Of pages that are all of use, so large a part is given up where there is no room. */
const GIVEN_UP = 1 / 4
const PAGES_A_LINE = 256

/** An epoch, and the page that was looked at last: mostly that of its next event too. */
interface AtHand {
  readonly epoch: string
  readonly number: number
  readonly page: number
}

/**
 * Tells which events came before, by their ids: agents deliver at least once, and a copy must not count twice. Remembered is
 * what may still count, so that memory is bounded by what is under way. In which order events and copies come does not matter.
 */
export class SeenEvents {
  readonly #pages = new SeenPages()
  readonly #epochs = new Texts()
  readonly #mostPages: number
  #sweepAt: number
  readonly #atHand: (AtHand | undefined)[] = new Array(AT_HAND)
  /** Events of which it was forgotten that they came, for want of room: a copy of one would count again. */
  forgotten = 0

  constructor({ mostPages = MOST_PAGES }: { readonly mostPages?: number } = {}) {
    this.#mostPages = mostPages
    this.#sweepAt = Math.min(FIRST_SWEEP, mostPages)
  }

  /** Pages that are kept. */
  get pages(): number {
    return this.#pages.size
  }

  /**
   * Notes an event.
   *
   * @param id `EPOCH-SEQUENCE`; any other is new each time
   * @param sinceUs what is before this counts no more: microseconds since 1970
   * @returns whether it came for the first time, as far as is known
   */
  isNew(id: string, timeUs: number, sinceUs: number): boolean {
    const sequence = sequenceOf(id)
    return sequence < 0 || this.isNewOf(id.slice(0, EPOCH_LENGTH), sequence, timeUs, sinceUs)
  }

  /** The same of an event whose id is taken apart. @param epoch best the same text again and again: it is told sooner */
  isNewOf(epoch: string, sequence: number, timeUs: number, sinceUs: number): boolean {
    const number = Math.floor(sequence / PAGE)
    const known = this.#atHand[placeOf(epoch)]
    const page =
      known !== undefined && known.number === number && known.epoch === epoch
        ? known.page
        : this.#pageOf(epoch, number, sinceUs)
    return this.#pages.mark(page, sequence - number * PAGE, timeUs)
  }

  /** What may still count of it, for a state. */
  *save(sinceUs: number): Generator<SavedSeen> {
    this.#sweep(sinceUs)
    const byEpoch = new Map<number, number[]>()
    for (const page of this.#pages.ids()) {
      const epoch = this.#pages.epochOf(page)
      const pages = byEpoch.get(epoch)
      if (pages === undefined) byEpoch.set(epoch, [page])
      else pages.push(page)
    }
    for (const [epoch, pages] of byEpoch)
      for (let at = 0; at < pages.length; at += PAGES_A_LINE)
        yield {
          line: 'seen',
          epoch: this.#epochs.textOf(epoch),
          pages: pages.slice(at, at + PAGES_A_LINE).map((page) => this.#savedPage(page)),
        }
  }

  /** Takes up a line of it. @throws {DetectStateError} if it is damaged */
  restore({ epoch, pages }: SavedSeen): void {
    for (const [number, newestUs, words] of pages) {
      if (this.#pages.size >= this.#mostPages) return
      if (words.every((word) => word === 0)) throw new DetectStateError('what was seen: a page is empty')
      const known = this.#epochs.find(epoch)
      if (known >= 0 && this.#pages.find(known, number) >= 0)
        throw new DetectStateError('what was seen: a page is there twice')
      this.#pages.fill(this.#pages.add(this.#epochs.hold(epoch), number), words, newestUs)
    }
  }

  #savedPage(page: number): SavedSeen['pages'][number] {
    return [this.#pages.numberOf(page), this.#pages.newestUsOf(page), [...this.#pages.bitsOf(page)]]
  }

  /** The page of an event; a new one if there is none. */
  #pageOf(epoch: string, number: number, sinceUs: number): number {
    if (this.#pages.size >= this.#sweepAt) this.#sweep(sinceUs)
    const epochId = this.#epochs.find(epoch)
    const found = epochId < 0 ? -1 : this.#pages.find(epochId, number)
    const page = found >= 0 ? found : this.#pages.add(this.#epochs.hold(epoch), number)
    this.#atHand[placeOf(epoch)] = { epoch, number, page }
    return page
  }

  /** Forgets what is of no use; and where all is of use and there is no room, the oldest. */
  #sweep(sinceUs: number): void {
    for (const page of this.#pages.ids()) if (this.#pages.newestUsOf(page) < sinceUs) this.#remove(page)
    if (this.#pages.size >= this.#mostPages) this.#giveUp()
    this.#sweepAt = Math.min(this.#mostPages, Math.max(FIRST_SWEEP, this.#pages.size * 2))
    this.#atHand.fill(undefined)
  }

  #giveUp(): void {
    const times = Float64Array.from(this.#pages.ids(), (page) => this.#pages.newestUsOf(page)).sort()
    const untilUs = times[Math.floor(times.length * GIVEN_UP)] as number
    for (const page of this.#pages.ids()) {
      if (this.#pages.newestUsOf(page) > untilUs) continue
      this.forgotten += this.#pages.countOf(page)
      this.#remove(page)
    }
  }

  #remove(page: number): void {
    this.#epochs.release(this.#pages.epochOf(page))
    this.#pages.remove(page)
  }
}

/** Where an epoch is at hand: some of its random digits say it. Of two that fall together, one is looked up. */
function placeOf(epoch: string): number {
  const high = (epoch.charCodeAt(0) * 31 + epoch.charCodeAt(1)) * 31 + epoch.charCodeAt(2)
  const low = (epoch.charCodeAt(33) * 31 + epoch.charCodeAt(34)) * 31 + epoch.charCodeAt(35)
  return (high * 31 + low) & (AT_HAND - 1)
}
