import { setTimeout as sleep } from 'node:timers/promises'
import type { Installation, InstallOptions } from './installation.js'
import { Kubectl } from './kubectl.mjs'
import { namespaceName, namespaceObject, pullPolicy } from './objects.mjs'

/** How long something may take on a busy cluster. */
const PATIENCE_MS = 120_000

/** A pod as the API tells it, as far as the story asks. */
export interface PodSaid {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Record<string, string> }
  readonly spec: { readonly nodeName: string }
  readonly status: { readonly podIP: string; readonly phase: string }
}

/** A namespace of a run, with what the story does in it. */
export class StoryNamespace {
  readonly name: string
  readonly kubectl: Kubectl
  readonly #run: string

  private constructor(run: string, purpose: string) {
    this.#run = run
    this.name = namespaceName(run, purpose)
    this.kubectl = new Kubectl(this.name)
  }

  static async create(run: string, purpose: string, enforce: 'privileged' | 'restricted') {
    await new Kubectl().apply([namespaceObject(run, purpose, enforce)])
    return new StoryNamespace(run, purpose)
  }

  /** Applies an installation. @returns warnings of the API */
  async install(
    installation: Installation,
    image: string,
    output: InstallOptions['output'],
    revision = 1,
  ): Promise<string> {
    return this.kubectl.apply(await this.#objects(installation, image, output, revision))
  }

  /** Waits until every pod of a DaemonSet is of its last revision, and ready. */
  async rolledOut({ daemonSet }: Installation): Promise<void> {
    try {
      await this.kubectl.run(['rollout', 'status', `daemonset/${daemonSet}`, '--timeout=240s'])
    } catch (error) {
      throw new Error(`The DaemonSet did not come up:\n${await this.#state()}`, { cause: error })
    }
  }

  /** Removes the installation, and waits until its pods are gone. */
  async uninstall(
    installation: Installation,
    image: string,
    output: InstallOptions['output'],
  ): Promise<void> {
    const items = await this.#objects(installation, image, output, 0)
    const list = { apiVersion: 'v1', kind: 'List', items }
    await this.kubectl.run(
      ['delete', '-f', '-', '--timeout=120s', '--ignore-not-found'],
      JSON.stringify(list),
    )
    await until('the agent’s pods to be gone', async () => (await this.podsOf(installation)).length === 0)
  }

  /** The pods that a DaemonSet owns: asked by their owner, not by a label. */
  async podsOf({ daemonSet }: Installation): Promise<PodSaid[]> {
    type Owned = PodSaid & { metadata: { ownerReferences?: { kind: string; name: string }[] } }
    const { items } = await this.kubectl.json<{ items: Owned[] }>(['get', 'pods'])
    return items.filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ kind, name }) => kind === 'DaemonSet' && name === daemonSet),
    )
  }

  pod(name: string): Promise<PodSaid> {
    return this.kubectl.json(['get', 'pod', name])
  }

  /** The log of a container, so far. */
  log(pod: string, { container }: Installation): Promise<string> {
    return this.kubectl.run(['logs', pod, '-c', container])
  }

  #objects(
    installation: Installation,
    image: string,
    output: InstallOptions['output'],
    revision: number,
  ): ReturnType<Installation['objects']> {
    const { name: namespace } = this
    return installation.objects({
      namespace,
      run: this.#run,
      image,
      pullPolicy: pullPolicy(),
      output,
      revision,
    })
  }

  /** What its pods are at, and said last: for whoever reads why a step failed on a cluster that is far away. */
  async #state(): Promise<string> {
    const parts = [
      ['get', 'pods', '-o', 'wide'],
      ['get', 'events', '--field-selector=type=Warning'],
      ['logs', '--tail=5', '--prefix', '--all-containers', '--selector=app!=client,app!=server'],
    ]
    const texts = parts.map((args) => this.kubectl.run(args).catch((error: Error) => error.message))
    return (await Promise.all(texts)).join('\n')
  }

  /** Deletes it, with all that is in it, and waits for that. */
  async close(): Promise<void> {
    await new Kubectl().run(['delete', 'namespace', this.name, '--timeout=180s', '--ignore-not-found'])
  }
}

/** Waits until a condition holds. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`)
    await sleep(500)
  }
}
