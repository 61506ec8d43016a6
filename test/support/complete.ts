import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a shell offers: words, each with what it says of it; '' where it says nothing. */
export type Offered = Readonly<Record<string, string>>

/** How a shell, with a completion script, completes command lines: each is an answer. */
export type Completer = (script: string, lines: readonly string[], folder: string) => Offered[]

/** The shells, by their names. */
export const COMPLETERS = { bash: bashOffers, zsh: zshOffers, fish: fishOffers } as const

/** Runs a shell in an environment that nobody has set up; what it prints. It may complain of nothing. */
function runShell(command: string, args: readonly string[], folder: string): string {
  return execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8', TERM: 'dumb' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
}

/** Calls the function as readline does, with the words that it would make of the line. */
const BASH = `
  set -euo pipefail
  source "$1"
  COMP_LINE=$2 COMP_POINT=\${#2} COMP_WORDS=("\${@:3}") COMP_CWORD=$(($# - 3))
  function=$(complete -p "$3") && function=\${function#*-F } && function=\${function%% *}
  "$function" "$3" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
  printf '%s\\n' "\${COMPREPLY[@]}"
`

function bashOffers(script: string, lines: readonly string[], folder: string): Offered[] {
  return lines.map((line) => {
    const words = line.split(/ +|(?<==)|(?==)/)
    const args = ['--norc', '--noprofile', '-c', BASH, 'bash', script, line, ...words]
    return offeredOf(runShell('bash', args, folder).split('\n'))
  })
}

function fishOffers(script: string, lines: readonly string[], folder: string): Offered[] {
  const program = 'source $argv[1]; for line in $argv[2..-1]; complete -C $line; echo; end'
  const [...answers] = runShell('fish', ['--no-config', '-c', program, script, ...lines], folder).split(
    /^\n/m,
  )
  // Of `--flag=value` it repeats the flag.
  return answers.slice(0, lines.length).map((text) => offeredOf(text.replace(/^--\w+=/gm, '').split('\n')))
}

const ZSH = fileURLToPath(new URL('complete.zsh', import.meta.url))

function zshOffers(script: string, lines: readonly string[], folder: string): Offered[] {
  const answers = runShell('zsh', ['-f', ZSH, script, ...lines], folder).split('\f\n')
  return answers.slice(0, lines.length).map((text) => offeredOf(text.split('\n')))
}

/** Lines of a word and, behind a tab, what it is. */
function offeredOf(lines: readonly string[]): Offered {
  return Object.fromEntries(
    lines.filter((line) => line !== '').map((line) => [line.split('\t')[0], line.split('\t')[1] ?? '']),
  )
}
