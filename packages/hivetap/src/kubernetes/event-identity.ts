import type { CgroupOwner } from '../identity/cgroup-owner.js'
import type { ProcessIdentity } from '../identity/process/process-identity.js'
import type { FarEnd, PodIdentity } from './whose.js'

/** Whose the process is that did what an event tells. The same object stands for the same names: texts are made once for each. */
export interface SourceIdentity {
  readonly owner: CgroupOwner
  /** Absent outside Kubernetes, and where the pod's names are not known. */
  readonly pod?: PodIdentity
}

/** Whose an event is. */
export interface EventIdentity {
  /** Which process it was, where that is known; only of tools whose events say when theirs began. */
  readonly process: ProcessIdentity | undefined
  /** `undefined` where the cgroup could not be told. */
  readonly source: SourceIdentity | undefined
  /** What was connected to, where a cluster knows the address. */
  readonly farEnd: FarEnd | undefined
}

/** Tells whose an event is. What it gives is filled anew with the next: it is read at once. */
export type Identify<E> = (event: E) => EventIdentity
