import { Argument, Command } from 'commander'
import { bashCompletion } from './completion/bash.js'
import { type ProgramWords, programWords } from './completion/command-words.js'
import { fishCompletion } from './completion/fish.js'
import { zshCompletion } from './completion/zsh.js'
import { print } from './standard-streams.js'

/** The shells there are scripts for. */
const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Readonly<
  Record<string, (program: ProgramWords) => string>
>
type Shell = keyof typeof SHELLS

const DESCRIPTION = `Prints a script that completes commands, flags and their values. Where it belongs:

bash  in ~/.bashrc:
        source <(hivetap completion bash)
      or, where the package bash-completion is, in a file that it finds:
        ~/.local/share/bash-completion/completions/hivetap
zsh   in ~/.zshrc, after compinit:
        source <(hivetap completion zsh)
      or, before it, in a file of a folder of $fpath:
        /usr/local/share/zsh/site-functions/_hivetap
fish  in a file:
        ~/.config/fish/completions/hivetap.fish

A file is to be written anew when hivetap is.`

/**
 * `hivetap completion`: a script for a shell, made from the commands that the program has.
 *
 * @param program what is completed: all that it has when the command is run
 */
export function completionCommand(program: Command): Command {
  return new Command('completion')
    .summary('Print a script that completes the command line in a shell')
    .description(DESCRIPTION)
    .addArgument(new Argument('<SHELL>', 'the shell').choices(Object.keys(SHELLS)))
    .action(async (shell: Shell) => {
      await print(completionScript(shell, program))
    })
}

/** The script that completes a program in a shell. */
export function completionScript(shell: Shell, program: Command): string {
  return SHELLS[shell](programWords(program))
}
