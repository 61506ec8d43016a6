import type { JsonObject } from '../../../stream/json-object.js'
import { membersOf, nameOf, objectsOf, timeOf, wordOf } from './fields.js'

/** Which list of the pod's it stands in. A sidecar is an init container that stays. */
export type ContainerKind = 'container' | 'init' | 'ephemeral'

/** A container as its pod's status tells of it. */
export interface PickedContainer {
  readonly name: string
  readonly kind: ContainerKind
  readonly image: string
  /** What runs, and what ran before it, if the status says so: the ids without `containerd://`, the newest first. */
  readonly ids: readonly string[]
  /** When what runs was started, milliseconds since 1970, cut to the second. Absent where nothing runs. */
  readonly runsSinceMs?: number
  /** When it ended, milliseconds since 1970, cut to the second. Absent where something runs or nothing ran. */
  readonly endedMs?: number
}

const LISTS = [
  ['container', 'containerStatuses', 'containers'],
  ['init', 'initContainerStatuses', 'initContainers'],
  ['ephemeral', 'ephemeralContainerStatuses', 'ephemeralContainers'],
] as const
/** Containers of a list; a pod has two or three. */
const MOST = 256
const ID = /^[a-z][a-z0-9-]{0,31}:\/\/(?<id>[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/

/** The containers of a pod, those that have a status: without, it has no id. */
export function containersOf(spec: JsonObject, status: JsonObject): readonly PickedContainer[] {
  return LISTS.flatMap(([kind, statuses, specs]) => {
    const images = new Map(
      objectsOf(spec[specs], MOST).map((each) => [each['name'], wordOf(each['image'], 1024)]),
    )
    return objectsOf(status[statuses], MOST).flatMap((each) => {
      const name = nameOf(each['name'])
      return name === undefined ? [] : [pickContainer(name, kind, each, images.get(name))]
    })
  })
}

function pickContainer(
  name: string,
  kind: ContainerKind,
  status: JsonObject,
  written: string | undefined,
): PickedContainer {
  const state = membersOf(status['state'])
  const ended = membersOf(state['terminated'])
  const before = membersOf(membersOf(status['lastState'])['terminated'])
  const ids = [status['containerID'], ended['containerID'], before['containerID']].flatMap(idOf)
  const runsSinceMs = timeOf(membersOf(state['running'])['startedAt'])
  const endedMs = timeOf(ended['finishedAt'])
  return {
    name,
    kind,
    image: imageOf(status['image'], written),
    ids: [...new Set(ids)],
    ...(runsSinceMs === undefined ? {} : { runsSinceMs }),
    ...(endedMs === undefined ? {} : { endedMs }),
  }
}

/** The image that runs, by its name; runtimes that have lost the name tell a digest, then it is as the pod asked for it. */
function imageOf(runs: unknown, written: string | undefined): string {
  const image = wordOf(runs, 1024)
  return (image?.startsWith('sha256:') ? written : image) ?? written ?? image ?? ''
}

function idOf(value: unknown): readonly string[] {
  const id = typeof value === 'string' ? ID.exec(value)?.groups?.['id'] : undefined
  return id === undefined ? [] : [id]
}
