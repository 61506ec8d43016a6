import { expect, it } from 'vitest'
import { GroupPlace } from './group-place.js'
import { SilentPlaces } from './silent-places.js'

it('says once that a partition is not waited for any longer, and once that it is heard of again', () => {
  const said: string[] = []
  const silent = new SilentPlaces('events', (text) => said.push(text))
  const place = new GroupPlace(3, 10)
  const beganMs = place.answeredMs
  const ever = Number.NEGATIVE_INFINITY
  silent.note(place, beganMs + 119_000, ever)
  // Others have not been answering for long: it is not this one that is silent.
  silent.note(place, beganMs + 130_000, beganMs + 20_000)
  expect(said).toEqual([])
  for (const afterMs of [121_000, 130_000]) silent.note(place, beganMs + afterMs, ever)
  place.excuse(beganMs + 131_000)
  for (const afterMs of [131_000, 140_000]) silent.note(place, beganMs + afterMs, ever)
  expect(said).toEqual([
    'nothing was heard of partition 3 of topic events for two minutes: time goes on without it, and what it has will be late',
    'partition 3 of topic events is heard of again',
  ])
})
