import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { nspawnEnvironment } from './nspawn.js'

/** Prints, for each mount in sight, `w` if a file can be made there, its device, its root in that, and its path. */
const PROBE = `
cut -d' ' -f3,4,5 /proc/self/mountinfo | while read -r device root path; do
  name="$path/.hivetap-probe"
  if (: >"$name") 2>/dev/null; then rm "$name"; can=w; else can=-; fi
  printf '%s %s %s %s\\n' "$can" "$device" "$root" "$path"
done`

/**
 * Starts a container as a machine's is, with a shell in place of systemd, and makes sure that it can write nothing of this host:
 * of the file systems that are mounted here, it makes a file in none but below its own root.
 *
 * @param container the command line of the machine's container, with what is to run in it at the end
 * @param folder that its root is in
 * @throws if it can, or does not start
 */
export async function assertIsolated(
  container: (how: readonly string[]) => readonly string[],
  folder: string,
): Promise<void> {
  const [command = '', ...args] = container(['--console=pipe', '--as-pid2', '/bin/sh', '-c', PROBE])
  const { stdout } = await promisify(execFile)(command, args, { env: nspawnEnvironment() })
  const lines = stdout.trimEnd().split('\n')
  const writable = lines.filter((line) => line.startsWith('w '))
  // The probe itself is seen to work by these two.
  for (const [path, seen] of [
    ['/', writable],
    ['/usr', lines],
  ] as const)
    if (!seen.some((line) => line.endsWith(` ${path}`)))
      throw new Error(`a container has no ${path} as it should be:\n${stdout}`)

  const here = devicesHere()
  const theirs = writable.filter((line) => {
    const [, device = '', root = '', path] = line.split(' ')
    return here.has(device) && !(path === '/' && root.endsWith(`/${basename(folder)}/root`))
  })
  if (theirs.length > 0)
    throw new Error(`a container could write to this host, and is not booted:\n${theirs.join('\n')}`)
}

function devicesHere(): ReadonlySet<string | undefined> {
  return new Set(
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[2]),
  )
}
