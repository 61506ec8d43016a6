import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { type Cleanups, cleanUp } from '../../../../../test/support/http-server.js'
import { ApiServer } from '../../../../../test/support/kubernetes/api-server.js'
import type { Fault } from '../../../../../test/support/kubernetes/faults.js'
import { smallPod } from '../../../../../test/support/kubernetes/pods.js'
import {
  accessTo,
  QUICK,
  startWatching,
  truthOf,
  until,
} from '../../../../../test/support/kubernetes/watching.js'
import { PODS } from '../client/resource.js'

const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

const afterBytes = fc.integer({ min: 0, max: 4000 })
const LINES = [
  'not JSON',
  '{"type":"ADDED"}',
  '{"type":"ADDED","object":{"kind":"Node","metadata":{"name":"a","uid":"b","resourceVersion":"9"}}}',
  '{"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"a","uid":"b","resourceVersion":"-9"}}}',
  '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"0"}}}',
  '{"type":"ERROR","object":{"kind":"Status","code":500}}',
  '{"type":"ERROR"}',
  '{"type":"ELSE","object":{}}',
  '[]',
]
const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<Fault>({ kind: 'expired' }, { kind: 'reset' }, { kind: 'hang' }),
  fc.constantFrom(403, 404, 429, 500, 503, 504).map((status): Fault => ({ kind: 'status', status })),
  afterBytes.map((bytes): Fault => ({ kind: 'cut', afterBytes: bytes })),
  afterBytes.map((bytes): Fault => ({ kind: 'ends', afterBytes: bytes })),
  afterBytes.map((bytes): Fault => ({ kind: 'silent', afterBytes: bytes })),
  fc.integer({ min: 1, max: 300 }).map((pieceBytes): Fault => ({ kind: 'slow', pieceBytes })),
  fc.constantFrom(...LINES).map((line): Fault => ({ kind: 'line', line })),
  fc
    .constantFrom('', '{', '[]', '{"kind":"NodeList"}', '{"kind":"PodList","metadata":{},"items":[]}')
    .map((body): Fault => ({ kind: 'instead', body })),
)
const name = fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `pod-${index}`))
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put'), name, uid: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove'), name, uid: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('compact', 'cut', 'wait'), name, uid: fc.constant(0) }),
  },
)

test('whatever happens, and whatever goes wrong meanwhile: in the end the view is the truth', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(fault, { maxLength: 12 }),
      fc.nat(1300),
      async (steps, faults, atFirst) => {
        const left = [...faults]
        const server = new ApiServer({ fault: () => left.shift(), bookmarkMs: 5 })
        const pods = server.collection(PODS)
        for (let index = 0; index < atFirst; index++) pods.put(smallPod(`first-${index}`))
        const access = accessTo(await server.listen(cleanups))
        const { view, watcher } = startWatching(access, cleanups, {
          answerMs: 60,
          timings: { ...QUICK, idleMs: 60, listIdleMs: 60 },
        })
        for (const { do: what, name: pod, uid } of steps) {
          if (what === 'put') pods.put(smallPod(pod, 'node-1', `${pod}-${uid}`))
          if (what === 'remove') pods.remove(`shop/${pod}`)
          if (what === 'compact') pods.compact()
          if (what === 'cut') server.cutAll()
          if (what === 'wait') await new Promise((resolve) => setTimeout(resolve, 10))
          else if (uid === 1) await new Promise((resolve) => setImmediate(resolve))
        }
        await until(
          () =>
            left.length === 0 &&
            watcher.state.kind === 'watching' &&
            view.shown.join() === truthOf(pods).join(),
          `the truth after ${JSON.stringify(watcher.counts)}`,
        )
        expect(view.faults).toEqual([])
        await cleanUp(cleanups)
        await until(() => server.underWay === 0, 'nothing is under way any more')
      },
    ),
    { numRuns: Number(process.env['HIVETAP_FAULT_RUNS'] ?? 8), endOnFailure: true },
  )
}, 600_000)
