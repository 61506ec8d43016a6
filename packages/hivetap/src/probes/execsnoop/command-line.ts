import type { ExecEvent } from './execsnoop.bpf.js'

/** "In the directory that the process is in", include/uapi/linux/fcntl.h. */
export const AT_FDCWD = -100

/** The file that was asked for; one named by a descriptor (execveat(2), fexecve(3)) as the kernel itself names it. */
export function filenameOf({ filename, directoryFd }: Pick<ExecEvent, 'filename' | 'directoryFd'>): string {
  if (directoryFd === AT_FDCWD || filename.startsWith('/')) return filename
  return filename === '' ? `/dev/fd/${directoryFd}` : `/dev/fd/${directoryFd}/${filename}`
}

/** The interpreter that the kernel started for a script; `undefined` where it is none, or where that is not known. */
export function interpreterOf({ args, kind }: Pick<ExecEvent, 'args' | 'kind'>): string | undefined {
  return kind === 'script' && args[0] !== '' ? args[0] : undefined
}

/**
 * The words that were asked to be run: the file, and its arguments.
 *
 * Of a script the kernel makes `interpreter [its argument] file arguments…` (binfmt_script in fs/binfmt_script.c), which
 * is undone here. Where it is not known whether it was one, the arguments as the program sees them.
 */
export function commandLine(
  event: Pick<ExecEvent, 'args' | 'filename' | 'directoryFd' | 'kind' | 'returnValue'>,
): readonly string[] {
  const { args, kind, returnValue } = event
  const filename = filenameOf(event)
  if (filename === '' || (kind === 'unknown' && returnValue === 0)) return args
  if (kind !== 'script') return [filename, ...args.slice(1)]
  const at = args.indexOf(filename, 1)
  return at < 0 ? args : [filename, ...args.slice(at + 1)]
}

/** The words with quotation marks around them, as `execsnoop -q` of bcc has them. */
export function quoted(words: readonly string[]): string {
  return words
    .map((word) => `"${word.replaceAll('"', '\\"').replaceAll('\t', '\\t').replaceAll('\n', '\\n')}"`)
    .join(' ')
}

/** The path of a working directory, from the names of the directories that lead to it, the last first. */
export function pathOf(directories: readonly string[]): string {
  return `/${[...directories].reverse().join('/')}`
}
