import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { runHelm } from '../../../scripts/helm.mjs'
import type { Installation, InstallOptions } from './installation.js'
import { RUN_LABEL } from './objects.mjs'

const CHART = 'deploy/helm/hivetap'
const RELEASE = 'story'
const NAME = `${RELEASE}-hivetap`

/** The Helm chart, as `helm template` renders it. */
export const chart: Installation = {
  name: 'the Helm chart',
  daemonSet: NAME,
  container: 'hivetap',
  isAttached: (log) => log.includes('attached by'),
  objects: async (options) => {
    const folder = mkdtempSync(join(tmpdir(), 'hivetap-values-'))
    try {
      const file = join(folder, 'values.json')
      writeFileSync(file, JSON.stringify(values(options)))
      const text = await runHelm(['template', RELEASE, CHART, `--namespace=${options.namespace}`, '-f', file])
      return parseAllDocuments(text).flatMap((document) => labelled(document.toJS(), options.run))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function values({ run, image, pullPolicy, output, revision }: InstallOptions) {
  const at = image.lastIndexOf(':')
  return {
    image: { repository: image.slice(0, at), tag: image.slice(at + 1), pullPolicy },
    podAnnotations: { 'hivetap.test/revision': String(revision) },
    ...(output.kind === 'table'
      ? { output: 'table', tools: ['tcpconnlat'], args: ['--failed', '--wide', '--lport', '--verbose'] }
      : {
          tools: [{ name: 'tcpconnlat', options: { failed: true } }],
          kafka: { enabled: true, brokers: output.brokers, topic: output.topic },
          config: { account_interval: '10s' },
          spool: { kind: 'hostPath', hostPath: `/var/lib/hivetap-${run}` },
          pin: { enabled: true, directory: `/sys/fs/bpf/hivetap-${run}` },
          probes: { periodSeconds: 5, timeoutSeconds: 20 },
        }),
  }
}

/** What belongs to no namespace is found again by its label. */
function labelled(object: { metadata: { labels?: object } } | null, run: string): object[] {
  if (object === null) return []
  const labels = { ...object.metadata.labels, [RUN_LABEL]: run }
  return [{ ...object, metadata: { ...object.metadata, labels } }]
}
