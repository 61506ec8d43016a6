import { expect } from 'vitest'
import { run } from './given.js'
import type { Installation } from './installation.js'
import { Kubectl } from './kubectl.mjs'
import { RUN_LABEL } from './objects.mjs'
import { onEveryNode } from './on-every-node.mjs'
import type { StoryNamespace } from './story-run.js'

/** Fails where an installation that was removed left anything: pods, rights, or folders and pins on a node. */
export async function expectNothingLeft(
  namespace: StoryNamespace,
  installation: Installation,
  image: string,
): Promise<void> {
  expect(await namespace.podsOf(installation)).toEqual([])
  const kinds = 'clusterroles,clusterrolebindings,priorityclasses'
  expect(await new Kubectl().run(['get', kinds, '-l', `${RUN_LABEL}=${run}`, '-o', 'name'])).toBe('')
  const looked = await onEveryNode('look', run, image)
  expect([...looked.values()].flatMap(({ left }) => left)).toEqual([])
}
