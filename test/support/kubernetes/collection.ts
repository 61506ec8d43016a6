import type { Resource } from '../../../packages/hivetap/src/kubernetes/client/resource.js'

/** An object as the API has it. */
export interface ApiObject {
  readonly metadata: {
    readonly namespace?: string
    readonly name: string
    readonly uid: string
    readonly resourceVersion: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly [more: string]: unknown
}

/** An object before the server has it. */
export type NewObject = Omit<ApiObject, 'metadata'> & {
  readonly metadata: Omit<ApiObject['metadata'], 'resourceVersion'>
}

/** What happened to an object. */
export interface Change {
  readonly version: number
  readonly before: ApiObject | undefined
  readonly after: ApiObject | undefined
}

/** Versions count through all collections of a server, as in etcd. */
export class Versions {
  current = 100
  next(): number {
    this.current += 1
    return this.current
  }
}

/** What a server has of one resource, and what happened to it: the truth that a watcher is held against. */
export class Collection {
  readonly resource: Resource
  readonly objects = new Map<string, ApiObject>()
  readonly #versions: Versions
  #changes: Change[] = []
  /** What happened up to here is forgotten. */
  compacted = 0
  readonly listeners = new Set<(change: Change) => void>()

  constructor(resource: Resource, versions: Versions) {
    this.resource = resource
    this.#versions = versions
  }

  /** Of its objects, and of lists of them. */
  get apiVersion(): string {
    const { group, version } = this.resource
    return group === '' ? version : `${group}/${version}`
  }

  get version(): number {
    return this.#versions.current
  }

  /** Creates or replaces; of another UID is another object, and that one is gone. */
  put(object: NewObject): ApiObject {
    const key = keyOf(object as ApiObject)
    const known = this.objects.get(key)
    if (known !== undefined && known.metadata.uid !== object.metadata.uid) this.remove(key)
    const version = this.#versions.next()
    const whole: ApiObject = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    }
    const before = this.objects.get(key)
    this.objects.set(key, whole)
    this.#tell({ version, before, after: whole })
    return whole
  }

  remove(key: string): void {
    const before = this.objects.get(key)
    if (before === undefined) return
    this.objects.delete(key)
    this.#tell({ version: this.#versions.next(), before, after: undefined })
  }

  /** Forgets what happened, as etcd does every five minutes. */
  compact(): void {
    this.compacted = this.version
    this.#changes = []
  }

  since(version: number): readonly Change[] {
    return this.#changes.filter((change) => change.version > version)
  }

  #tell(change: Change): void {
    this.#changes.push(change)
    for (const listener of this.listeners) listener(change)
  }
}

/** `namespace/name` */
export function keyOf({ metadata: { namespace = '', name } }: Pick<ApiObject, 'metadata'>): string {
  return `${namespace}/${name}`
}
