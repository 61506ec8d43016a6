import { encodeInstructions } from '../asm/codec.js'
import type { ProgramImage } from '../sys/program.js'
import { askOnce, type Feature } from './feature.js'
import { callHelper, exit, probeProgram } from './program-probe.js'

/** Helpers that are asked about, by number, with the Linux that first had each. */
const FIRST_LINUX: Readonly<Record<number, string>> = {
  112: '5.5',
  113: '5.5',
  114: '5.5',
  115: '5.5',
  130: '5.8',
  137: '5.9',
  158: '5.11',
}

/** What the verifier says of a helper that it does not have, or not for this type of program. */
const UNKNOWN_HELPER = /unknown func|invalid func|cannot use helper|program of this type/
/** A call that it has come to, and does not say that of, is one of a helper that is there. */
const CALL = /\(85\) call /

/** The kind of program that is to call a helper: the kernel has a list of helpers for each. */
export type HelperCaller = Pick<ProgramImage, 'type' | 'attachType' | 'attachBtfId'>

/**
 * Whether programs of a kind can call a helper. It is called with arguments that no helper takes: a complaint about
 * those says that it is there.
 *
 * @param number BPF_FUNC_*
 */
export function probeHelper(number: number, caller: HelperCaller): Feature {
  return askOnce(`helper ${number} from ${caller.type} ${caller.attachType ?? ''}`, () => {
    const takes = FIRST_LINUX[number]
    const code = encodeInstructions([callHelper(number), exit()])
    return probeProgram(
      { ...caller, name: 'probe_helper', license: 'GPL', code },
      takes === undefined ? 'a newer Linux' : `Linux ${takes}`,
      { no: UNKNOWN_HELPER, yes: CALL },
    )
  })
}
