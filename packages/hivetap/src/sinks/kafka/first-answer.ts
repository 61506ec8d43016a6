/**
 * Asks one after the other, until one answers: the next when one fails, and also when one has been silent for so long. Only for
 * what may be asked more than once.
 *
 * @param patienceMs how long is waited for one before the next is asked too
 * @param ask rejects when the one that is asked fails
 * @param isFinal whether the others would say the same: they are not asked then
 * @returns the first answer; nobody waits for the others
 * @throws whatever the last one to fail threw, or what is final; `undefined` if there is nobody to ask
 */
export function firstAnswer<C, T>(
  candidates: readonly C[],
  patienceMs: number,
  ask: (candidate: C) => Promise<T>,
  isFinal: (error: unknown) => boolean,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let next = 0
    let underWay = 0
    let isSettled = false
    let last: unknown
    let timer: NodeJS.Timeout | undefined
    const settle = (settled: () => void) => {
      isSettled = true
      clearTimeout(timer)
      settled()
    }
    const askNext = () => {
      clearTimeout(timer)
      if (isSettled) return
      const candidate = candidates[next]
      if (candidate === undefined) {
        if (underWay === 0) settle(() => reject(last))
        return
      }
      next++
      underWay++
      timer = setTimeout(askNext, patienceMs)
      ask(candidate).then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => {
          underWay--
          last = error
          if (isFinal(error)) settle(() => reject(error))
          else askNext()
        },
      )
    }
    askNext()
  })
}
