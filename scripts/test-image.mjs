// @ts-check
/** Builds the image twice, and runs it in a container: `npm run test:image`. Takes root, and the registries of npm and Debian. */
import { testProject } from './test-project.mjs'

testProject({
  project: 'image',
  variable: 'HIVETAP_REQUIRE_IMAGE',
  needs: [
    ['apt-get', '--version', 'apt'],
    ['dpkg-deb', '--version', 'dpkg'],
    ['runc', '--version', 'runc'],
    ['skopeo', '--version', 'skopeo'],
    ['readelf', '--version', 'binutils'],
  ],
})
