import { describe, expect, it } from 'vitest'
import { kubernetesModule } from './go-module.mjs'

/** As Kubernetes' go.mod has it, with what stands between. */
const GO_MOD = `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	github.com/spf13/cobra v1.9.1
	k8s.io/api v0.0.0
	k8s.io/kube-openapi v0.0.0-20250710124328-f3f2b991d03b
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/cloud-provider => ./staging/src/k8s.io/cloud-provider
)
`

describe('kubernetesModule', () => {
  it('takes each staged module in its release, and no other', () => {
    expect(kubernetesModule(GO_MOD, 'v1.34.4')).toBe(`module cluster

go 1.24.0

require k8s.io/kubernetes v1.34.4

replace (
	k8s.io/api => k8s.io/api v0.34.4
	k8s.io/cloud-provider => k8s.io/cloud-provider v0.34.4
)
`)
  })

  it('refuses a go.mod that names none', () => {
    expect(() => kubernetesModule('module k8s.io/kubernetes\n', 'v1.34.4')).toThrow(/no staged module/)
  })
})
