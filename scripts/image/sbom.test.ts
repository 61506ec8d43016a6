import { expect, it } from 'vitest'
import { sbom } from './sbom.mjs'

interface Document {
  readonly documentNamespace: string
  readonly creationInfo: { readonly created: string }
  readonly packages: readonly {
    readonly SPDXID: string
    readonly name: string
    readonly externalRefs: readonly { readonly referenceLocator: string }[]
  }[]
  readonly relationships: readonly {
    readonly spdxElementId: string
    readonly relationshipType: string
    readonly relatedSpdxElement: string
  }[]
}

const PARTS = [
  { kind: 'npm', name: '@scope/one', version: '1.2.3', licence: 'MIT' },
  { kind: 'npm', name: '@scope/one', version: '1.2.3', licence: 'MIT', joined: true },
  { kind: 'npm', name: '@scope/one', version: '1.2.4', licence: 'MIT' },
  {
    kind: 'deb',
    name: 'libstdc++6',
    version: '1:12.2+deb12u1',
    licence: 'NOASSERTION',
    checksum: { algorithm: 'SHA256', value: 'ab' },
  },
] as const

const made = (parts: readonly (typeof PARTS)[number][] = PARTS): Document =>
  JSON.parse(sbom({ version: '9.9.9', architecture: 'amd64', parts })) as Document

it('names each part once, by an id that SPDX lets be, and says which is within which', () => {
  const { packages, relationships } = made()
  const ids = packages.map(({ SPDXID }) => SPDXID)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
  const [image, hivetap] = ids
  const within = relationships.map(
    ({ spdxElementId, relationshipType, relatedSpdxElement }) =>
      `${spdxElementId} ${relationshipType} ${relatedSpdxElement}`,
  )
  expect(within).toContain(`SPDXRef-DOCUMENT DESCRIBES ${image}`)
  expect(within).toContain(`${hivetap} CONTAINS SPDXRef-npm-scope-one-1.2.3-joined`)
  expect(within).toContain(`${image} CONTAINS SPDXRef-npm-scope-one-1.2.4`)
  expect(relationships).toHaveLength(ids.length)
})

it('has package URLs that others find packages by', () => {
  const urls = made().packages.flatMap(({ externalRefs }) =>
    externalRefs.map(({ referenceLocator }) => referenceLocator),
  )
  expect(urls).toContain('pkg:npm/%40scope/one@1.2.4')
  expect(urls).toContain('pkg:deb/debian/libstdc%2B%2B6@1:12.2%2Bdeb12u1?arch=amd64')
})

it('is the same for the same parts in any order, and has another name for others', () => {
  expect(made(PARTS.toReversed())).toEqual(made())
  expect(made(PARTS.slice(1)).documentNamespace).not.toBe(made().documentNamespace)
  expect(made().documentNamespace).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(made().creationInfo.created).toBe('1970-01-01T00:00:00Z')
})
