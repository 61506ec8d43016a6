/**
 * How likely it is that of `n` things at least `k` are of a kind that one in 1/`share` is of, by chance alone: the upper tail of
 * the binomial distribution, summed up term by term from its largest.
 */
export function chanceOf(k: number, n: number, share: number): number {
  if (k <= n * share) return 1
  if (share <= 0 || k > n) return 0
  // Logarithms: of thousands of things the terms themselves are too small for a number.
  const odds = Math.log(share) - Math.log1p(-share)
  let term = logChoose(n, k) + k * Math.log(share) + (n - k) * Math.log1p(-share)
  let sum = 0
  for (let count = k; count <= n; count++) {
    const part = Math.exp(term)
    sum += part
    if (part < sum * 1e-12) break
    term += Math.log((n - count) / (count + 1)) + odds
  }
  return Math.min(1, sum)
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k)
}

/** Exact up to here; beyond, Stirling's series is off by less than can be written. */
const SMALL = Array.from({ length: 32 }, (_, n) => {
  let sum = 0
  for (let factor = 2; factor <= n; factor++) sum += Math.log(factor)
  return sum
})

function logFactorial(n: number): number {
  return SMALL[n] ?? n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3)
}
