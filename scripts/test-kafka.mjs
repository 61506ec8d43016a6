// @ts-check
/** The tests against real Kafka brokers: `npm run test:kafka`. They need Java 17, and Maven once. */
import { testProject } from './test-project.mjs'

testProject({
  project: 'kafka',
  variable: 'HIVETAP_REQUIRE_KAFKA',
  needs: [
    ['java', '-version', 'openjdk-17-jre-headless'],
    ['mvn', '-v', 'maven'],
    ['openssl', 'version', 'openssl'],
  ],
})
