import { AddressTenure, addressTenureId } from './backends.js'
import type { PickedPod } from './pick/pick-pod.js'
import { type Beginning, beginning } from './time/beginning.js'
import { type ClaimEnd, Claims, endedBy } from './time/claims.js'
import type { TenureBook } from './time/tenure-book.js'
import type { Heard } from './time/watch-clock.js'

/** The API cuts the kubelet's times to the second. */
const CUT_MS = 1000

/**
 * Addresses of this node's pods, as they tell them themselves. Not of pods in the host's network: theirs is the node's. Nor of
 * pods that are over: those keep their address in the API until they are removed, which another has long been given.
 *
 * The kubelet's times are by this host's clock: a container that runs had its pod's address when it was started, and one that
 * ended had it until then.
 */
export class PodAddresses {
  readonly #claims: Claims<AddressTenure>
  readonly #last = new Map<string, PickedPod>()

  constructor(book: TenureBook<AddressTenure>) {
    this.#claims = new Claims(book, addressTenureId)
  }

  put(pod: PickedPod, heard: Heard): void {
    const before = this.#last.get(pod.uid)
    this.#last.set(pod.uid, pod)
    const { namespace, name, uid, node } = pod
    // What runs may have been started before an address was changed: then it says nothing of the new one.
    const begun = before === undefined ? begunAt(pod, heard) : beginning(heard, pod)
    const addresses = pod.isOver || pod.hostNetwork ? [] : pod.addresses
    const claims = addresses.map((key) => ({
      key,
      tenure: new AddressTenure(begun, {
        pod: { namespace, name, uid },
        node: node === '' ? undefined : node,
      }),
    }))
    this.#claims.put(uid, claims, pod.isOver ? endOf(pod, heard) : endedBy(heard))
  }

  remove(uid: string, heard: Heard): void {
    const pod = this.#last.get(uid)
    this.#last.delete(uid)
    this.#claims.put(uid, [], pod === undefined ? endedBy(heard) : endOf(pod, heard))
  }
}

function begunAt(pod: PickedPod, heard: Heard): Beginning {
  const begun = beginning(heard, pod)
  const runs = pod.containers.flatMap(({ runsSinceMs }) => (runsSinceMs === undefined ? [] : [runsSinceMs]))
  const from = Math.min(begun.from, ...runs.map((time) => time + CUT_MS))
  return { ...begun, from: Math.max(from, begun.earliest) }
}

/** A pod that is over had its address while a container of it ran, and no longer. */
function endOf(pod: PickedPod, heard: Heard): ClaimEnd {
  const ends = pod.containers.map(({ endedMs }) => endedMs ?? Number.POSITIVE_INFINITY)
  const last = Math.max(...ends)
  // Without containers it is -Infinity; and one that waits to be started anew has not ended.
  if (!Number.isFinite(last) || last > heard.at) return endedBy(heard)
  return { until: Math.max(heard.since, last), latest: Math.min(heard.at, last + CUT_MS), at: heard.at }
}
