import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { alertOf, episode } from '../../../../../test/support/alerts.js'
import type { Alert, AlertSink } from '../../detect/alert.js'
import { DeliveryError } from '../destination.js'
import { AlertRelay } from './alert-relay.js'
import { AlertsRefused } from './alerts-refused.js'

const relays: AlertRelay[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(relays.splice(0).map((relay) => relay.close(0)))
})

/** A sink that fails as it is told to: a fault that no server here can be made to have. */
function sinkOf(
  name: string,
  fail: (told: readonly Alert[]) => Error | Promise<unknown> | undefined = () => undefined,
) {
  const told: Alert[] = []
  const signals: AbortSignal[] = []
  const state = { closed: false }
  const sink: AlertSink = {
    name,
    async tell(alerts, signal) {
      signals.push(signal)
      const failure = fail(alerts)
      if (failure instanceof Error) throw failure
      await failure
      told.push(...alerts)
    },
    async close() {
      state.closed = true
    },
  }
  return { sink, told, signals, state }
}

function relayOf(sinks: readonly AlertSink[], mostWaiting?: number) {
  const said: string[] = []
  const relay = new AlertRelay(sinks, {
    ...(mostWaiting === undefined ? {} : { mostWaiting }),
    changed: (sink, up, error) => said.push(`${sink} ${up ? 'up' : `down: ${error?.kind}`}`),
    lost: (sink, reason, count) => said.push(`${sink} lost ${count} ${reason}`),
  })
  relays.push(relay)
  return { relay, said }
}

const away = (passing = true) => new DeliveryError('away', 'it is away', { passing })
const hang = () => new Promise<never>(() => undefined)

describe('the relay of alerts', () => {
  it('tells all sinks, in order, and says when they have it', async () => {
    const [one, two] = [sinkOf('one'), sinkOf('two')]
    const { relay } = relayOf([one.sink, two.sink])
    const batches = [episode('a'), episode('b'), [], episode('c')]
    await Promise.all(batches.map((batch) => relay.tell(batch)))
    for (const { told } of [one, two]) expect(told).toEqual(batches.flat())
    expect(relay.states).toMatchObject([
      { name: 'one', up: true, waiting: 0, counters: { told: 9 } },
      { name: 'two', up: true, waiting: 0, counters: { told: 9 } },
    ])
  })

  it('tries again what fails, for that sink alone, and says only then that it is out', async () => {
    let fails = 3
    const [good, bad] = [sinkOf('good'), sinkOf('bad', () => (fails-- > 0 ? away() : undefined))]
    const { relay, said } = relayOf([good.sink, bad.sink])
    let out = false
    const telling = relay.tell(episode('a')).then(() => {
      out = true
    })
    await vi.waitUntil(() => good.told.length === 3)
    expect(out).toBe(false)
    await telling
    expect(bad.told).toEqual(episode('a'))
    expect(relay.states[1]?.counters.failures).toEqual(new Map([['away', 3]]))
    expect(said.toSorted()).toEqual(['bad down: away', 'bad up', 'good up'])
  })

  it('says who hears has caught up: one that is down holds nobody up, one that is slow does', async () => {
    let take: () => void = () => undefined
    const slow = sinkOf('slow', () => new Promise<void>((resolve) => (take = resolve)))
    const down = sinkOf('down', () => away())
    const { relay } = relayOf([slow.sink, down.sink])
    await relay.caughtUp()
    void relay.tell(episode('a'))
    const stop = new AbortController()
    const interrupted = relay.caughtUp(stop.signal)
    stop.abort()
    await interrupted
    let isCaughtUp = false
    const caughtUp = relay.caughtUp().then(() => {
      isCaughtUp = true
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isCaughtUp).toBe(false)
    take()
    await caughtUp
    expect(slow.told).toEqual(episode('a'))
    expect(relay.states).toMatchObject([{ waiting: 0 }, { up: false, waiting: episode('a').length }])
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  it('counts what is refused, and goes on', async () => {
    const refused = alertOf({ alert_id: 'bad' })
    const { sink } = sinkOf('one', (alerts) =>
      alerts.includes(refused) ? new AlertsRefused('one', [refused], 'too_large') : undefined,
    )
    const { relay, said } = relayOf([sink])
    await relay.tell([alertOf(), refused, alertOf({ state: 'resolved' })])
    await relay.tell([alertOf()])
    expect(relay.states[0]?.counters).toMatchObject({ told: 3, lost: new Map([['refused', 1]]) })
    expect(said).toContain('one lost 1 refused')
  })

  it('keeps what matters of what waits too long: no promise waits for what was given up', async () => {
    let isAway = true
    const { sink, told } = sinkOf('one', () => (isAway ? away() : undefined))
    const { relay, said } = relayOf([sink], 200)
    const all = Array.from({ length: 300 }, (_, index) => episode(`a${index}`)).flat()
    const open = alertOf({ alert_id: 'open' })
    const telling = relay.tell([...all, open])
    expect(relay.states[0]).toMatchObject({ waiting: 199 })
    isAway = false
    await telling
    expect(told.at(-1)).toEqual(open)
    const { counters } = relay.states[0] ?? {}
    const lost = [...(counters?.lost.values() ?? [])].reduce((sum, count) => sum + count, 0)
    expect(lost + (counters?.told ?? 0)).toBe(901)
    expect(counters?.lost.get('dropped')).toBeUndefined()
    // Said at once, and summed up afterwards.
    expect(said.filter((line) => line.includes('lost')).length).toBeLessThan(6)
  })

  it('takes what a sink should not throw as what may pass', async () => {
    let fails = 1
    const { sink } = sinkOf('one', () => (fails-- > 0 ? new TypeError('oops') : undefined))
    const { relay, said } = relayOf([sink])
    await relay.tell(episode('a'))
    expect(said).toEqual(['one down: unexpected', 'one up'])
  })

  it('gives sinks that resume what is open', () => {
    const resumed: Alert[] = []
    const plain = sinkOf('plain').sink
    const { relay } = relayOf([
      plain,
      Object.assign(sinkOf('one').sink, { resume: (open: Alert[]) => resumed.push(...open) }),
    ])
    relay.resume([alertOf()])
    expect(resumed).toEqual([alertOf()])
  })
})

describe('the end of the relay', () => {
  it('tells what waits first', async () => {
    let fails = 2
    const { sink, told, state } = sinkOf('one', () => (fails-- > 0 ? away() : undefined))
    const { relay } = relayOf([sink])
    const telling = relay.tell(episode('a'))
    await relay.close(10_000)
    await telling
    expect(told).toHaveLength(3)
    expect(state.closed).toBe(true)
    await expect(relay.tell(episode('b'))).rejects.toMatchObject({ kind: 'ended' })
  })

  it.each([
    ['is away', () => away(false)],
    ['hangs', hang],
  ])('is held up by a sink that %s only so long, and what was not told is counted', async (_, fail) => {
    const [good, bad] = [sinkOf('good'), sinkOf('bad', fail)]
    const { relay, said } = relayOf([good.sink, bad.sink])
    const telling = relay.tell(episode('a'))
    const rejected = expect(telling).rejects.toMatchObject({ kind: 'ended', passing: true })
    await relay.close(20)
    await rejected
    expect(good.told).toHaveLength(3)
    expect(bad.state.closed).toBe(true)
    expect(said).toContain('bad lost 3 ended')
    for (const signal of bad.signals) expect(getEventListeners(signal, 'abort').length).toBeLessThan(2)
  })

  it('needs nobody who waits for the promises', async () => {
    const { relay } = relayOf([sinkOf('bad', hang).sink])
    void relay.tell(episode('a'))
    await relay.close(0)
  })
})
