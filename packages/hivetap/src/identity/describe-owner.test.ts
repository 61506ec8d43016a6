import { expect, it } from 'vitest'
import { describeOwner } from './describe-owner.js'

it('says in a few words whose a cgroup is', () => {
  const containerId = '3f1c5b7a9d02e4f6081a2c3e5d7f90b1a2c4e6f8091b3d5f7a9c0e2d4f6a8b1c'
  const podUid = '011fdc60-6b49-4af7-9b06-73b1566a4f76'
  expect(describeOwner({ kind: 'container', containerId, runtime: 'cri-o', podUid })).toBe(
    'container 3f1c5b7a9d02 (cri-o) of pod 011fdc60-6b49-4af7-9b06-73b1566a4f76',
  )
  expect(describeOwner({ kind: 'container', containerId })).toBe('container 3f1c5b7a9d02')
  expect(describeOwner({ kind: 'pod', podUid })).toBe('pod 011fdc60-6b49-4af7-9b06-73b1566a4f76')
  expect(describeOwner({ kind: 'unit', unit: 'nginx.service' })).toBe('nginx.service')
  expect(describeOwner({ kind: 'host' })).toBe('host')
})
