import { expect, test } from 'vitest'
import { KeptObjects } from './kept-objects.js'
import { noCounts } from './watch-counts.js'

interface Slice {
  readonly name: string
  readonly addresses: readonly string[]
}

const object = (name: string, addresses: readonly string[]) => ({
  key: { namespace: 'shop', name, uid: `uid-${name}` },
  resourceVersion: '1',
  object: { name, addresses },
})

test('the sink is told all of an object, and of what is kept for its end only which it is', () => {
  const told: unknown[] = []
  const kept = new KeptObjects<Slice>(
    {
      pick: (each) => (each['addresses'] === undefined ? undefined : (each as unknown as Slice)),
      rest: ({ name }) => ({ name, addresses: [] }),
      sink: {
        replace: (objects) => told.push(['replace', ...objects]),
        put: (each) => told.push(['put', each]),
        remove: (each) => told.push(['remove', each]),
      },
    },
    noCounts(),
  )
  const list = kept.list()
  list.add(object('a', ['10.0.0.1']))
  list.end()
  kept.put(object('b', ['10.0.0.2']))
  // What is no slice any more: nothing tells what it was but what is kept.
  for (const name of ['a', 'b']) kept.put({ ...object(name, []), object: { name } })
  expect(told).toEqual([
    ['replace', { name: 'a', addresses: ['10.0.0.1'] }],
    ['put', { name: 'b', addresses: ['10.0.0.2'] }],
    ['remove', { name: 'a', addresses: [] }],
    ['remove', { name: 'b', addresses: [] }],
  ])
})
