import { execFile } from 'node:child_process'
import { printable } from '../../stream/printable.js'
import type { ClusterAccess, ExecPlugin } from './cluster-access.js'
import { type ExecCredential, parseExecCredential } from './exec-credential.js'
import { readPem, unusable } from './read-material.js'

/** Plugins ask other services over the network; one that waits for a person would wait for ever. */
const PATIENCE_MS = 30_000
const MOST_BYTES = 1 << 20
/** Of what it wrote to standard error, so much is told. */
const EXCERPT = 300

/**
 * Runs the program that says who we are. It has no terminal and no standard input.
 *
 * @throws {KubeError} `credentials_unusable` if it fails, takes longer than `patienceMs` or than `signal` lets it, or writes what is no credential
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  access: ClusterAccess,
  { patienceMs = PATIENCE_MS, signal }: { readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
): Promise<ExecCredential> {
  const said = `The credential plugin ${printable(plugin.command)}`
  const info = JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: await clusterOf(access) } : {}) },
  })
  const env = { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: info }
  const options = { env, timeout: patienceMs, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES, signal } as const
  const text = await new Promise<string>((resolve, reject) => {
    const child = execFile(plugin.command, plugin.args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else
        reject(
          unusable(`${said} ${whyOf(error, patienceMs)}${excerptOf(stderr)}.${hintOf(plugin, error)}`, error),
        )
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end()
  })
  return parseExecCredential(text, said)
}

/** What a plugin is told of the cluster, as `client.authentication.k8s.io` has it. */
async function clusterOf({ server, serverName, isUnchecked, authorities }: ClusterAccess) {
  const pem = authorities === undefined ? undefined : await readPem('certificate', authorities)
  return {
    server,
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(isUnchecked ? { 'insecure-skip-tls-verify': true } : {}),
    ...(pem === undefined ? {} : { 'certificate-authority-data': Buffer.from(pem).toString('base64') }),
  }
}

interface ExecFailure {
  readonly code?: number | string | null | undefined
  readonly killed?: boolean | undefined
  readonly signal?: NodeJS.Signals | null | undefined
}

function whyOf({ code, killed, signal }: ExecFailure, patienceMs: number): string {
  if (code === 'ENOENT') return 'is not there'
  if (code === 'EACCES') return 'may not be run by this user'
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'wrote more than 1 MiB'
  if (killed === true) return `did not end within ${patienceMs / 1000} s`
  return typeof code === 'number' ? `ended with status ${code}` : `ended by ${signal ?? code}`
}

function excerptOf(stderr: string): string {
  const text = printable(stderr.trim().replace(/\s+/g, ' ').slice(0, EXCERPT))
  return text === '' ? '' : `: ${text}`
}

function hintOf({ installHint }: ExecPlugin, { code }: ExecFailure): string {
  return code === 'ENOENT' && installHint !== undefined ? ` ${printable(installHint.slice(0, EXCERPT))}` : ''
}
