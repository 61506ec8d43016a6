import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE_INSIDE, REPOSITORY_INSIDE } from './machine-root.js'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
/** What BPF takes, and what raises the limits of a service, beside what systemd-nspawn gives by itself. */
const GIVEN = 'CAP_BPF,CAP_PERFMON,CAP_SYS_RESOURCE'
/** No device but those that it is given, and no clock or module of this host. */
const TAKEN = 'CAP_MKNOD,CAP_AUDIT_CONTROL,CAP_AUDIT_WRITE,CAP_SYS_BOOT,CAP_SYS_TTY_CONFIG'

/**
 * The command line of a container that sees of this host /usr, the repository, and Node, none of which it can write, and has a
 * network of its own.
 *
 * @param folder with `root` and `usr`, as makeRoot and makeUsr leave them
 * @param how what stands before the name of its first program
 */
export function nspawn(folder: string, how: readonly string[]): string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${folder}/root`,
    `--machine=${basename(folder)}`,
    // No daemon of this host is to know of it.
    '--register=no',
    '--keep-unit',
    '--settings=no',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--private-network',
    `--overlay-ro=/usr:${folder}/usr:/usr`,
    `--bind-ro=${REPOSITORY}:${REPOSITORY_INSIDE}`,
    `--bind-ro=${process.execPath}:${NODE_INSIDE}`,
    `--capability=${GIVEN}`,
    `--drop-capability=${TAKEN}`,
    '--system-call-filter=bpf perf_event_open',
    ...how,
  ]
}

/** What systemd-nspawn is told by its environment. */
export function nspawnEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1', SYSTEMD_LOG_LEVEL: 'warning' }
}
