// @ts-check
/** The tests against real servers other than brokers, each started by its test: `npm run test:servers`. */
import { testProject } from './test-project.mjs'

testProject({
  project: 'server',
  variable: 'HIVETAP_REQUIRE_SERVERS',
  needs: [
    ['prometheus-alertmanager', '--version', 'prometheus-alertmanager'],
    ['amtool', '--version', 'prometheus-alertmanager'],
    ['openssl', 'version', 'openssl'],
  ],
})
