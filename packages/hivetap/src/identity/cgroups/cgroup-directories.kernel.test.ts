import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CgroupTree, hierarchies } from '../../../../../test/support/cgroup-tree.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { CgroupDirectories } from './cgroup-directories.js'

const FOUND = hierarchies()

describeKernelIf(FOUND.length > 0)('CgroupDirectories', () => {
  describe.each(FOUND)('version $version', (hierarchy) => {
    let tree: CgroupTree
    let place: string
    /** The tree is all that is mounted, as far as they know. */
    const directories = (most?: number) =>
      new CgroupDirectories(
        [{ version: hierarchy.version, path: place, root: '/', above: ['above', '..'] }],
        most,
      )
    const inodeOf = (path: string | Buffer) => ({ version: hierarchy.version, inode: statSync(path).ino })

    beforeEach(() => {
      tree = new CgroupTree(hierarchy)
      place = hierarchy.path + tree.root
    })
    afterEach(() => tree.close())

    it('finds each by its inode, with the names above', async () => {
      tree.make('/a/b/c')
      tree.make('/a/d')
      const found = directories()
      expect(found.names(inodeOf(`${place}/a`))).toBeUndefined()
      await found.walk()
      expect(found.names(inodeOf(`${place}/a/b/c`))).toEqual(['c', 'b', 'a', 'above', '..'])
      expect(found.names(inodeOf(`${place}/a/d`))).toEqual(['d', 'a', 'above', '..'])
      expect(found.names(inodeOf(place))).toEqual(['above', '..'])
      expect(found.counts()).toEqual({ walks: 1, directories: 5, cut: false })
    })

    it('does not take one version’s for the other’s', async () => {
      tree.make('/a')
      const found = directories()
      await found.walk()
      const { inode } = inodeOf(`${place}/a`)
      expect(found.names({ version: hierarchy.version === 1 ? 2 : 1, inode })).toBeUndefined()
    })

    it('forgets those that are gone', async () => {
      tree.make('/a')
      const found = directories()
      await found.walk()
      const gone = inodeOf(`${place}/a`)
      tree.close()
      await found.walk()
      expect(found.names(gone)).toBeUndefined()
      expect(found.counts().directories).toBe(0)
    })

    it('passes through names of any bytes', async () => {
      const odd = Buffer.concat([Buffer.from(`${place}/`), Buffer.from([0xff, 0x80, 0x20, 0x1b, 0x5b])])
      const within = Buffer.concat([odd, Buffer.from('/in')])
      mkdirSync(odd)
      mkdirSync(within)
      try {
        const found = directories()
        await found.walk()
        expect(found.names(inodeOf(within))?.slice(0, 2)).toEqual(['in', '\xff\x80 \x1b['])
      } finally {
        rmdirSync(within)
        rmdirSync(odd)
      }
    })

    it('looks at no more than it may, the outermost first', async () => {
      tree.make(`/deep${'/x'.repeat(40)}`)
      for (let index = 0; index < 5; index++) tree.make(`/pod${index}`)
      const found = directories(10)
      await found.walk()
      expect(found.counts()).toMatchObject({ cut: true })
      expect(found.counts().directories).toBeLessThanOrEqual(11)
      for (let index = 0; index < 5; index++)
        expect(found.names(inodeOf(`${place}/pod${index}`))?.[0]).toBe(`pod${index}`)
    })

    it('is not upset by what comes and goes while it walks', async () => {
      const found = directories()
      tree.make('/stays/here')
      for (let round = 0; round < 5; round++) {
        for (let index = 0; index < 20; index++) mkdirSync(`${place}/passing${index}`)
        const walking = found.walk()
        await Promise.resolve()
        for (const name of readdirSync(place)) if (name.startsWith('passing')) rmdirSync(`${place}/${name}`)
        await walking
        expect(found.names(inodeOf(`${place}/stays/here`))?.slice(0, 2)).toEqual(['here', 'stays'])
      }
    })

    it('walks once for all who ask meanwhile, and not again at once', async () => {
      const found = directories()
      await Promise.all([found.walk(), found.walk()])
      expect(found.counts().walks).toBe(1)
      for (let times = 0; times < 100; times++) found.want()
      await new Promise((resolve) => setImmediate(resolve))
      expect(found.counts().walks).toBe(1)
      found.close()
    })
  })
})
