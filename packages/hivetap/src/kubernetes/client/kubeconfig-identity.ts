import type { ExecPlugin, Identity } from './cluster-access.js'
import { materialOf } from './kubeconfig-material.js'
import type { KubeconfigExec, KubeconfigUser } from './kubeconfig-schema.js'
import { besideFile, type Entry, wrong } from './read-kubeconfig.js'

const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/**
 * Who a user of a kubeconfig is. What is not there has no key.
 *
 * @throws {KubeError} `config_wrong`, also where it takes what we do not do: it says what else would
 */
export function identityOf({ value, file }: Entry<KubeconfigUser>, name: string): Identity {
  const where = `User ${name} of ${file}`
  const instead = 'Use a token, a tokenFile, a client certificate or exec.'
  if (value.username || value.password)
    throw wrong(`${where} signs in by password, which no API server takes since Kubernetes 1.19. ${instead}`)
  if (value['auth-provider'])
    throw wrong(`${where} has an auth-provider, which was given up in Kubernetes 1.26. ${instead}`)
  if (value.as) throw wrong(`${where} acts as another (as: ${value.as}), which is not supported. ${instead}`)
  const clientCertificate = materialOf(
    file,
    value['client-certificate'],
    value['client-certificate-data'],
    where,
  )
  const clientKey = materialOf(file, value['client-key'], value['client-key-data'], where)
  if ((clientCertificate === undefined) !== (clientKey === undefined))
    throw wrong(`${where} has a client certificate or its key, not both: they go together.`)
  return {
    ...(value.token ? { token: value.token } : {}),
    ...(value.tokenFile ? { tokenFile: besideFile(file, value.tokenFile) } : {}),
    ...(clientCertificate === undefined ? {} : { clientCertificate, clientKey }),
    ...(value.exec ? { exec: pluginOf(value.exec, file, where) } : {}),
  }
}

function pluginOf(exec: KubeconfigExec, file: string, where: string): ExecPlugin {
  if (!EXEC_VERSIONS.includes(exec.apiVersion))
    throw wrong(`${where} has an exec of ${exec.apiVersion}: only ${EXEC_VERSIONS.join(' and ')} are known.`)
  if (exec.interactiveMode === 'Always')
    throw wrong(`${where} has an exec that must ask a person (interactiveMode: Always): hivetap cannot ask.`)
  return {
    apiVersion: exec.apiVersion,
    // A bare name is looked up in PATH; one with a slash is meant from the file's folder.
    command: exec.command.includes('/') ? besideFile(file, exec.command) : exec.command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    provideClusterInfo: exec.provideClusterInfo === true,
    ...(exec.installHint ? { installHint: exec.installHint } : {}),
  }
}
