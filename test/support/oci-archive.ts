import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readTar } from '../../scripts/image/tar-read.mjs'

/** What runs an image, as its configuration says it. */
export interface ImageConfig {
  readonly architecture: string
  readonly config: {
    readonly User: string
    readonly Env: readonly string[]
    readonly Entrypoint: readonly string[]
    readonly WorkingDir: string
  }
}

interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly architecture: string }
}

/** An archive of OCI, as anyone would read it who knows its format alone. */
export class OciArchive {
  readonly #files: ReadonlyMap<string, Buffer>

  constructor(bytes: Buffer) {
    this.#files = new Map(readTar(bytes).map(({ path, content }) => [path, content]))
  }

  /** The digest of the index of platforms. */
  get digest(): string {
    return this.#index().digest
  }

  /** The platforms, by their processors. */
  get architectures(): readonly string[] {
    return this.#manifests().map(({ platform }) => platform?.architecture ?? '')
  }

  /** How the image of a processor is run. */
  config(architecture: string): ImageConfig {
    return this.#json<ImageConfig>(this.#manifest(architecture).config)
  }

  /** Bytes that the image of a processor takes to fetch. */
  size(architecture: string): number {
    return this.#manifest(architecture).layers.reduce((sum, { size }) => sum + size, 0)
  }

  /** What is in the image of a processor, by its path. */
  files(architecture: string): ReturnType<typeof readTar> {
    return this.#manifest(architecture).layers.flatMap((layer) => readTar(gunzipSync(this.#blob(layer))))
  }

  /** Lays the image of a processor into a folder. */
  unpack(architecture: string, folder: string): void {
    for (const { path, kind, mode, target, content } of this.files(architecture)) {
      const to = join(folder, path)
      mkdirSync(dirname(to), { recursive: true })
      if (kind === 'directory') mkdirSync(to, { recursive: true, mode })
      else if (kind === 'symlink') symlinkSync(target, to)
      else writeFileSync(to, content, { mode })
    }
  }

  #manifest(architecture: string): { readonly config: Descriptor; readonly layers: readonly Descriptor[] } {
    const found = this.#manifests().find(({ platform }) => platform?.architecture === architecture)
    if (found === undefined) throw new Error(`The archive has nothing for ${architecture}`)
    return this.#json(found)
  }

  #manifests(): readonly Descriptor[] {
    return this.#json<{ readonly manifests: readonly Descriptor[] }>(this.#index()).manifests
  }

  #index(): Descriptor {
    const { manifests } = JSON.parse(this.#file('index.json').toString()) as {
      readonly manifests: readonly Descriptor[]
    }
    const [index] = manifests
    if (index === undefined || manifests.length > 1) throw new Error('The archive names no one image')
    return index
  }

  #json<T>(descriptor: Descriptor): T {
    return JSON.parse(this.#blob(descriptor).toString()) as T
  }

  #blob({ digest }: Descriptor): Buffer {
    return this.#file(`blobs/${digest.replace(':', '/')}`)
  }

  #file(path: string): Buffer {
    const content = this.#files.get(path)
    if (content === undefined) throw new Error(`The archive has no ${path}`)
    return content
  }
}
