// @ts-check
/** Builds the image twice, runs it in a container, and renders the chart: `npm run test:deploy`. Takes root, and the registries of npm and Debian. */
import { testProject } from './test-project.mjs'

testProject({
  project: 'deploy',
  variable: 'HIVETAP_REQUIRE_DEPLOY',
  needs: [
    ['apt-get', '--version', 'apt'],
    ['dpkg-deb', '--version', 'dpkg'],
    ['runc', '--version', 'runc'],
    ['skopeo', '--version', 'skopeo'],
    ['readelf', '--version', 'binutils'],
  ],
})
