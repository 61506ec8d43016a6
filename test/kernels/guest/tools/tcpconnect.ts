import { beginConnects } from '../connects.js'

export default () => beginConnects([])
