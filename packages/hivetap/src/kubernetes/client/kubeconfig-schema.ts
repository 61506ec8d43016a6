import { z } from 'zod'

/** Keys that are not known are passed over, as kubectl does; a value of a wrong type is not. */
const named = <K extends string, S extends z.ZodType>(key: K, value: S) =>
  z
    .array(z.object({ name: z.string(), [key]: value } as { name: z.ZodString } & Record<K, S>))
    .nullish()
    .transform((list) => list ?? [])

const text = () => z.string().nullish()
const flag = () => z.boolean().nullish()

const cluster = z.object({
  server: text(),
  'certificate-authority': text(),
  'certificate-authority-data': text(),
  'tls-server-name': text(),
  'insecure-skip-tls-verify': flag(),
  'proxy-url': text(),
  'disable-compression': flag(),
})

const exec = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  provideClusterInfo: flag(),
  interactiveMode: text(),
  installHint: text(),
})

const user = z.object({
  token: text(),
  tokenFile: text(),
  'client-certificate': text(),
  'client-certificate-data': text(),
  'client-key': text(),
  'client-key-data': text(),
  exec: exec.nullish(),
  username: text(),
  password: text(),
  'auth-provider': z.unknown().optional(),
  as: text(),
})

const context = z.object({ cluster: z.string(), user: text(), namespace: text() })

/** A kubeconfig, as far as we use it. */
export const kubeconfigSchema = z.object({
  'current-context': text(),
  clusters: named('cluster', cluster),
  users: named('user', user),
  contexts: named('context', context),
})

export type KubeconfigCluster = z.output<typeof cluster>
export type KubeconfigUser = z.output<typeof user>
export type KubeconfigContext = z.output<typeof context>
export type KubeconfigExec = z.output<typeof exec>
