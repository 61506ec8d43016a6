import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const read = (name: string) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')
const text = read('deployment.yaml')
const { spec } = parse(text)
const [, version = ''] = /^const VERSION = '([\d.]+)'$/m.exec(read('install.mjs')) ?? []
const [, connector = ''] =
  /<artifactId>flink-sql-connector-kafka<.*?<version>(.*?)</s.exec(read('pom.xml')) ?? []

describe('the manifest for the operator', () => {
  it('is one document of valid YAML', () => {
    const documents = parseAllDocuments(text, { strict: true, uniqueKeys: true })
    expect(documents.map(({ errors, warnings }) => [errors, warnings])).toEqual([[[], []]])
  })

  it('takes the Flink that is tested, and its connector', () => {
    expect(version).not.toBe('')
    expect(spec.image).toBe(`hivetap-flink:${version}`)
    expect(spec.flinkVersion).toBe(`v${version.split('.').slice(0, 2).join('_')}`)
    expect(spec.job.jarURI).toBe(`local:///opt/flink/opt/flink-sql-gateway-${version}.jar`)
    expect(read('Dockerfile')).toContain(`FROM flink:${version}-java17\n`)
    expect(read('Dockerfile')).toContain(`COPY flink-sql-connector-kafka-${connector}.jar `)
  })

  it('runs a script that is mounted where it is looked for, and keeps state where all of it is mounted', () => {
    const { spec: pod } = spec.podTemplate
    const [container] = pod.containers
    // The operator puts what it needs into the container of this name.
    expect(container.name).toBe('flink-main-container')
    const mounts: Readonly<Record<string, string>> = Object.fromEntries(
      container.volumeMounts.map((mount: { name: string; mountPath: string }) => [
        mount.name,
        mount.mountPath,
      ]),
    )
    expect(Object.keys(mounts).sort()).toEqual(pod.volumes.map(({ name }: { name: string }) => name).sort())
    expect(spec.job.args).toEqual(['--scriptUri', `file://${mounts['sql']}/job.sql`])
    const places = Object.entries<string>(spec.flinkConfiguration).filter(([, value]) =>
      value.startsWith('file:'),
    )
    expect(places).toHaveLength(3)
    for (const [, place] of places) expect(place).toMatch(new RegExp(`^file://${mounts['state']}/\\w+$`))
    // What is no text, the operator refuses.
    expect(Object.values(spec.flinkConfiguration).every((value) => typeof value === 'string')).toBe(true)
  })
})
