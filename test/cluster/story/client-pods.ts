import { createInterface } from 'node:readline'
import { IDLE, NO_RIGHTS, SCRIPTS_VOLUME, scriptContainer, scriptsObject } from './objects.mjs'
import { type PodSaid, type StoryNamespace, until } from './story-run.js'

const PORT = 9000
/** Neither is root's, nor has a right: what every pod may do is enough to be slow. */
const USER = 10_001

/** What a client says of itself, and of what it did: pods/client.mjs. */
export interface ClientSaid {
  /** Inode of its network namespace. */
  readonly netns: number
  readonly comm: string
  readonly uid: number
}

export interface SlowConnect extends ClientSaid {
  readonly latencyUs: number
  readonly localPort: number
  /** SYNs that its kernel sent again meanwhile, in its network namespace. */
  readonly retransmits: number
}

/** A pod that connects, and one that it connects to. */
export class ClientPods {
  readonly client: PodSaid
  readonly server: PodSaid
  readonly port = PORT
  readonly #namespace: StoryNamespace

  private constructor(namespace: StoryNamespace, client: PodSaid, server: PodSaid) {
    this.#namespace = namespace
    this.client = client
    this.server = server
  }

  /** Starts them, and waits until they can be used. */
  static async start(namespace: StoryNamespace, image: string): Promise<ClientPods> {
    const { kubectl } = namespace
    const server = { ...scriptContainer(image, ['server.mjs']), env: [{ name: 'PORT', value: String(PORT) }] }
    const idle = { ...scriptContainer(image, []), command: IDLE }
    await kubectl.apply([scriptsObject(), pod('server', server), pod('client', idle)])
    await kubectl.run(['wait', '--for=condition=Ready', 'pod/server', 'pod/client', '--timeout=180s'])
    // Asked by its log: a probe would connect too, and stand in the queue that the story fills.
    await until('the server to listen', async () =>
      (await kubectl.run(['logs', 'server'])).includes('listens'),
    )
    return new ClientPods(namespace, await namespace.pod('client'), await namespace.pod('server'))
  }

  /** A connect that the server's full queue makes slow, as the client itself saw it. */
  slow(): Promise<SlowConnect> {
    return this.#does('slow', PORT)
  }

  /** A connect to a port of the server where nobody listens. */
  refused(): Promise<ClientSaid & { readonly error: string }> {
    return this.#does('refused', 1)
  }

  /** Connects one after the other until it is ended. */
  async steady(): Promise<{ end(): Promise<ClientSaid & { readonly localPorts: readonly number[] }> }> {
    const child = this.#namespace.kubectl.start([
      'exec',
      '-i',
      'client',
      '--',
      ...this.#command('steady', PORT),
    ])
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const begun = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
    const { value: first } = await begun.next()
    if (first !== 'connects') throw new Error(`the client did not begin: ${first}`)
    return {
      end: async () => {
        child.stdin.end()
        const { value } = await lines.next()
        return JSON.parse(String(value))
      },
    }
  }

  async #does<T>(what: string, port: number): Promise<T> {
    return JSON.parse(
      await this.#namespace.kubectl.run(['exec', 'client', '--', ...this.#command(what, port)]),
    )
  }

  #command(what: string, port: number): string[] {
    return ['node', '/story/client.mjs', what, this.server.status.podIP, String(port)]
  }
}

function pod(name: string, container: object) {
  const securityContext = { runAsUser: USER, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      securityContext,
      containers: [{ ...container, securityContext: NO_RIGHTS }],
      volumes: [SCRIPTS_VOLUME],
    },
  }
}
