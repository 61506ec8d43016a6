// @ts-check
import { createHash } from 'node:crypto'

/**
 * Something that the image holds.
 *
 * @typedef {object} Part
 * @property {'npm' | 'deb' | 'generic'} kind
 * @property {string} name
 * @property {string} version
 * @property {string} licence as an SPDX expression; `NOASSERTION` where it stands in the package’s own text alone
 * @property {{ algorithm: 'SHA256' | 'SHA512', value: string }} [checksum] of the package that it came as, in hex
 * @property {boolean} [joined] whether it is not there as itself, but within hivetap’s own files
 */

/**
 * What the image of a platform is made of, as SPDX 2.3. The same parts make the same text.
 *
 * @param {object} what
 * @param {string} what.version of hivetap
 * @param {string} what.architecture
 * @param {readonly Part[]} what.parts
 * @param {number} [what.epoch] seconds since 1970
 */
export function sbom({ version, architecture, parts, epoch = 0 }) {
  const hivetap = spdxPackage(
    { kind: 'npm', name: 'hivetap', version, licence: 'Apache-2.0' },
    'APPLICATION',
    architecture,
  )
  const image = {
    ...hivetap,
    SPDXID: 'SPDXRef-image',
    name: `hivetap-linux-${architecture}`,
    primaryPackagePurpose: 'CONTAINER',
    externalRefs: [],
  }
  const others = parts
    .map((part) => ({ part, about: spdxPackage(part, 'LIBRARY', architecture) }))
    .sort((a, b) => (a.about.SPDXID < b.about.SPDXID ? -1 : 1))
  const relationships = [
    relationship('SPDXRef-DOCUMENT', 'DESCRIBES', image.SPDXID),
    relationship(image.SPDXID, 'CONTAINS', hivetap.SPDXID),
    ...others.map(({ part, about }) =>
      relationship(part.joined === true ? hivetap.SPDXID : image.SPDXID, 'CONTAINS', about.SPDXID),
    ),
  ]
  const packages = [image, hivetap, ...others.map(({ about }) => about)]
  const sum = createHash('sha256').update(JSON.stringify({ packages, relationships, epoch })).digest('hex')
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `hivetap-${version}-linux-${architecture}`,
    // A name, and no address: unique, since what it names is in its sum.
    documentNamespace: `urn:uuid:${uuidOf(sum)}`,
    creationInfo: {
      created: new Date(epoch * 1000).toISOString().replace('.000', ''),
      creators: [`Tool: hivetap-image-${version}`],
    },
    packages,
    relationships,
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/**
 * A UUID (version 8: of one's own making) of a sum in hex.
 *
 * @param {string} sum
 */
function uuidOf(sum) {
  return `${sum.slice(0, 8)}-${sum.slice(8, 12)}-8${sum.slice(13, 16)}-8${sum.slice(17, 20)}-${sum.slice(20, 32)}`
}

/**
 * @param {Part} part
 * @param {string} purpose
 * @param {string} architecture
 */
function spdxPackage({ kind, name, version, licence, checksum, joined }, purpose, architecture) {
  return {
    // One version of a package may stand beside another of it.
    SPDXID: `SPDXRef-${`${kind}-${name.replace('@', '')}-${version}`.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}${joined === true ? '-joined' : ''}`,
    name,
    versionInfo: version,
    primaryPackagePurpose: purpose,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: licence,
    copyrightText: 'NOASSERTION',
    ...(checksum === undefined
      ? {}
      : { checksums: [{ algorithm: checksum.algorithm, checksumValue: checksum.value }] }),
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: purl(kind, name, version, architecture),
      },
    ],
  }
}

/**
 * @param {Part['kind']} kind
 * @param {string} name
 * @param {string} version
 * @param {string} architecture
 */
function purl(kind, name, version, architecture) {
  const path = name.split('/').map(encodeURIComponent).join('/')
  const at = encodeURIComponent(version).replaceAll('%3A', ':')
  if (kind === 'deb') return `pkg:deb/debian/${path}@${at}?arch=${architecture}`
  return `pkg:${kind}/${path}@${at}`
}

/**
 * @param {string} from
 * @param {string} type
 * @param {string} to
 */
function relationship(from, type, to) {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to }
}
