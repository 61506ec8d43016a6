import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const MANIFEST = fileURLToPath(new URL('../../../../deploy/krew/hivetap.yaml', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url))

/** What a release knows. */
const RELEASE: Readonly<Record<string, string>> = {
  VERSION: '0.1.0',
  HOMEPAGE: 'https://example.org/hivetap',
  ARCHIVES: 'https://example.org/hivetap/releases',
  SHA256_LINUX_AMD64: 'a'.repeat(64),
  SHA256_LINUX_ARM64: 'b'.repeat(64),
}

const template = readFileSync(MANIFEST, 'utf8')
const filled = template.replaceAll(/^(?!#)(.*)$/gm, (line) =>
  line.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => RELEASE[name] ?? expect.fail(`nothing fills ${name}`)),
)

interface Platform {
  readonly selector: { readonly matchLabels: { readonly os: string; readonly arch: string } }
  readonly uri: string
  readonly sha256: string
  readonly bin: string
}

describe('the manifest for krew', () => {
  const plugin = parse(filled) as {
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: { readonly name: string }
    readonly spec: {
      readonly version: string
      readonly shortDescription: string
      readonly platforms: readonly Platform[]
    }
  }

  it('holds no checksum and no address before a release fills them', () => {
    expect(template).not.toMatch(/[0-9a-f]{64}|https?:\/\//)
  })

  it('is, filled, what krew asks of one', () => {
    expect(plugin).toMatchObject({
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'hivetap' },
    })
    expect(plugin.spec.version).toMatch(/^v\d+\.\d+\.\d+$/)
    expect(plugin.spec.shortDescription.length).toBeLessThanOrEqual(50)
    expect(plugin.spec.shortDescription).not.toMatch(/\.$|kubectl/)
    expect(plugin.spec.platforms.map(({ selector }) => selector.matchLabels)).toEqual([
      { os: 'linux', arch: 'amd64' },
      { os: 'linux', arch: 'arm64' },
    ])
    for (const { uri, sha256 } of plugin.spec.platforms) {
      expect(uri).toMatch(/^https:\/\/.*\.tar\.gz$/)
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  it('names the executable that the package has', () => {
    const { bin } = JSON.parse(readFileSync(`${PACKAGE}package.json`, 'utf8')) as {
      bin: Record<string, string>
    }
    for (const platform of plugin.spec.platforms) {
      expect(platform.bin).toBe(bin['kubectl-hivetap'])
      expect(existsSync(`${PACKAGE}${platform.bin}`)).toBe(true)
    }
  })
})
