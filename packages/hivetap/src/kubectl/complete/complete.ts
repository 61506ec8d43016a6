import { programWords } from '../../cli/completion/command-words.js'
import { print } from '../../cli/standard-streams.js'
import { TOOLS } from '../../probes/tools.js'
import { plugin } from '../main.js'
import { answerFor } from './candidates.js'
import { kubeconfigNames } from './kubeconfig-names.js'
import { cursorOf } from './place.js'

/**
 * Says what may follow `kubectl hivetap`: kubectl runs `kubectl_complete-hivetap` when a key is pressed for it, with the words so far.
 *
 * @param words behind `kubectl hivetap`; the last is what is begun, empty where nothing is
 * @returns the exit status
 */
export async function complete(words: readonly string[]): Promise<number> {
  const program = programWords(plugin().command)
  const { place, kubeconfig } = cursorOf(program, words)
  const sources = { tools: TOOLS.map(({ name }) => name), kubeconfig: () => kubeconfigNames(kubeconfig) }
  await print(await answerFor(program, place, words.at(-1) ?? '', sources))
  return 0
}
