/** Whether this kernel can do a thing, as far as it could be told by trying. */
export type Feature =
  | { readonly state: 'yes' }
  /** It cannot; `takes` says what would: `Linux 5.8`. */
  | { readonly state: 'no'; readonly takes: string }
  /** It could not be told: the attempt failed for a reason that says nothing of the feature. */
  | { readonly state: 'unknown'; readonly why: string }

export const YES: Feature = { state: 'yes' }

const answers = new Map<string, Feature>()

/**
 * Asks once: yes and no are kept for the life of the process, `unknown` is asked again, since a right may be gained.
 *
 * @param name what the answer is kept under
 */
export function askOnce(name: string, ask: () => Feature): Feature {
  const known = answers.get(name)
  if (known !== undefined) return known
  const answer = ask()
  if (answer.state !== 'unknown') answers.set(name, answer)
  return answer
}

/** Forgets all answers: for tests that change what the kernel seems to be. */
export function forgetFeatures(): void {
  answers.clear()
}

/** Whether it is a plain yes. What cannot be told counts as no: the lower rung works on both. */
export function has(feature: Feature): boolean {
  return feature.state === 'yes'
}
