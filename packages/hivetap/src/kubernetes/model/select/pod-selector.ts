import type { NodePod, PodContainer } from '../node-pod.js'
import { type LabelRequirement, parseLabelSelector } from './label-selector.js'
import { meets } from './meets.js'
import { SelectorError } from './selector-error.js'

/** What a person asks for: all that is given has to be met, of each list one entry. */
export interface PodSelectorOptions {
  /** `-n`: namespaces. */
  readonly namespaces?: readonly string[]
  /** `-l`: a label selector, as kubectl takes it. */
  readonly labels?: string
  /** `--pod`: names of pods; `*` stands for any characters, `checkout-*`. */
  readonly pods?: readonly string[]
  /** `--container`: names of containers, as in `--pod`. */
  readonly containers?: readonly string[]
}

const NAME = /^[a-z0-9*](?:[a-z0-9.*-]{0,251}[a-z0-9*])?$/
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Which pods, and which of their containers, are asked for. */
export class PodSelector {
  readonly #namespaces: readonly string[] | undefined
  readonly #requirements: readonly LabelRequirement[]
  readonly #pods: readonly NamePattern[] | undefined
  readonly #containers: readonly NamePattern[] | undefined

  /** @throws {SelectorError} that says which part cannot be read, and why */
  constructor({ namespaces, labels, pods, containers }: PodSelectorOptions) {
    this.#namespaces = namespaces?.map((name) => checked('namespace', name, NAMESPACE))
    this.#requirements = parseLabelSelector(labels ?? '')
    this.#pods = pods?.map((name) => new NamePattern(checked('pod', name, NAME)))
    this.#containers = containers?.map((name) => new NamePattern(checked('container', name, NAME)))
  }

  /** Whether nothing is asked for: then also what is in no pod is wanted. */
  get isAll(): boolean {
    const lists = [this.#namespaces, this.#pods, this.#containers]
    return this.#requirements.length === 0 && lists.every((list) => list === undefined)
  }

  /** Whether it is asked for, as far as the pod alone tells. */
  matches({ namespace, name, labels, labelsCut }: NodePod): boolean {
    if (this.#namespaces?.includes(namespace) === false) return false
    if (this.#pods?.some((pattern) => pattern.fits(name)) === false) return false
    return this.#requirements.every((requirement) => meets(labels, requirement, labelsCut))
  }

  /**
   * What of a pod is asked for.
   *
   * @returns `'all'`: the pod's whole cgroup, with its sandbox and with containers that are yet to come; otherwise these
   *   containers, none of a pod that is not asked for
   */
  containersOf(pod: NodePod): 'all' | readonly PodContainer[] {
    if (!this.matches(pod)) return []
    const wanted = this.#containers
    if (wanted === undefined) return 'all'
    return pod.containers.filter(({ name }) => wanted.some((pattern) => pattern.fits(name)))
  }
}

function checked(what: string, name: string, pattern: RegExp): string {
  if (pattern.test(name)) return name
  const stars = what === 'namespace' ? '' : '; * stands for any characters'
  throw new SelectorError(
    `${JSON.stringify(name)} is no name of a ${what}: lower-case letters, digits and -, with a letter or digit at both ends${stars}`,
  )
}

/** A name with `*` in it. Each star takes as little as it can, so that the time grows with the name's length alone. */
class NamePattern {
  readonly #parts: readonly string[]

  constructor(pattern: string) {
    this.#parts = pattern.split('*')
  }

  fits(name: string): boolean {
    const [first = '', ...others] = this.#parts
    const last = others.pop()
    if (last === undefined) return name === first
    if (!name.startsWith(first) || !name.endsWith(last)) return false
    let at = first.length
    for (const part of others) {
      const found = name.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= name.length - last.length
  }
}
