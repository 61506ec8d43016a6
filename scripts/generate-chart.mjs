// @ts-check
/**
 * Writes what the Helm chart's values may be, from the schema of the agent's configuration, and renders the chart as it is
 * into deploy/hivetap.yaml, for kubectl.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartSchema } from './chart-schema.mjs'
import { runHelm } from './helm.mjs'
import { ROOT } from './root.mjs'

const CHART = 'deploy/helm/hivetap'
const RENDERED = 'deploy/hivetap.yaml'

const agent = JSON.parse(readFileSync(join(ROOT, 'docs/agent.schema.json'), 'utf8'))
writeFileSync(
  join(ROOT, CHART, 'values.schema.json'),
  `${JSON.stringify(chartSchema(agent), undefined, 2)}\n`,
)
await runHelm(['lint', '--strict', '--quiet', CHART])
const text = await runHelm([
  'template',
  'hivetap',
  CHART,
  '--namespace=hivetap',
  '--set=namespace.create=true',
])
writeFileSync(
  join(ROOT, RENDERED),
  [
    '# kubectl apply -f hivetap.yaml: hivetap on every node. `npm run generate` renders it from deploy/helm/hivetap; do not edit.',
    '# docs/deploy-kubernetes.md says what stands here and why.',
    ...text.split('\n').filter((line) => !line.startsWith('# Source: ')),
  ].join('\n'),
)
process.stdout.write(`${CHART}/values.schema.json\n${RENDERED}\n`)
