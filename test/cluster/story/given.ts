/** What scripts/test-cluster.mjs tells the story. */
export const image = given('HIVETAP_IMAGE')
/** Marks what belongs to this run. */
export const run = given('HIVETAP_CLUSTER_RUN')
/** An address of this machine that the cluster's pods reach, if one is known. */
export const kafkaHost = process.env['HIVETAP_KAFKA_HOST']

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`There is no ${name}: the story is run by npm run test:cluster.`)
  return value
}

/** Microseconds, for people. */
export function seconds(us: number): string {
  return `${(us / 1e6).toFixed(2)} s`
}
