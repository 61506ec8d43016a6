import { Option } from 'commander'

/**
 * kubectl's own flags that say which cluster, and as whom: handed to it as they are. Those that would put a secret on a command
 * line (`--token`, `--password`) are left out: a kubeconfig has them.
 */
const FLAGS: readonly (readonly [flags: string, help: string])[] = [
  ['--kubeconfig <PATH>', 'as kubectl has it'],
  ['--context <NAME>', 'as kubectl has it'],
  ['--cluster <NAME>', 'as kubectl has it'],
  ['--user <NAME>', 'as kubectl has it'],
  ['--as <NAME>', 'as kubectl has it'],
  ['--as-group <NAME>', 'as kubectl has it; may be given again'],
  ['--as-uid <UID>', 'as kubectl has it'],
  ['--server <URL>', 'as kubectl has it'],
  ['--certificate-authority <PATH>', 'as kubectl has it'],
  ['--client-certificate <PATH>', 'as kubectl has it'],
  ['--client-key <PATH>', 'as kubectl has it'],
  ['--tls-server-name <NAME>', 'as kubectl has it'],
  ['--insecure-skip-tls-verify', 'as kubectl has it'],
  ['--request-timeout <TIME>', 'as kubectl has it'],
  ['--cache-dir <PATH>', 'as kubectl has it'],
  ['--disable-compression', 'as kubectl has it'],
]

/** The flags. */
export function connectionOptions(): Option[] {
  return FLAGS.map(([flags, help]) => new Option(flags, help))
}
