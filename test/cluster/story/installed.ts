/** What the story installs: the one place to put another in. */
export { chart as installation } from './chart.js'
