/** What the story installs: the one place to put another in. */
export { bare as installation } from './bare.js'
