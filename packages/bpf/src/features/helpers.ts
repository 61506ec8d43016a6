import { encodeInstructions } from '../asm/codec.js'
import type { ProgramImage } from '../sys/program.js'
import { askOnce, type Feature, YES } from './feature.js'
import { callHelper, exit, probeProgram, REFUSED } from './program-probe.js'

/** Helpers that are asked about, by number, with the Linux that first had each. */
const FIRST_LINUX: Readonly<Record<number, string>> = {
  113: '5.5',
  115: '5.5',
  130: '5.8',
  137: '5.9',
}

/** What the verifier says of a helper that it does not have, or not for this type of program. */
const UNKNOWN_HELPER = /unknown func|invalid func|cannot use helper|program of this type/

/** The kind of program that is to call a helper: the kernel has a list of helpers for each. */
export type HelperCaller = Pick<ProgramImage, 'type' | 'attachType' | 'attachBtfId'>

/**
 * Whether programs of a kind can call a helper. It is called with arguments that no helper takes: a complaint about
 * those says that it is there.
 *
 * @param number BPF_FUNC_*
 */
export function probeHelper(number: number, caller: HelperCaller): Feature {
  return askOnce(`helper ${number} from ${caller.type}`, () => {
    const takes = FIRST_LINUX[number]
    const code = encodeInstructions([callHelper(number), exit()])
    const answer = probeProgram(
      { ...caller, name: 'probe_helper', license: 'GPL', code },
      takes === undefined ? 'a newer Linux' : `Linux ${takes}`,
      UNKNOWN_HELPER,
    )
    return answer.state === 'unknown' && answer.why.startsWith(REFUSED) ? YES : answer
  })
}
