import { tcpconnect } from './tcpconnect/tcpconnect.js'
import { tcpconnlat } from './tcpconnlat/tcpconnlat.js'
import type { AnyTool } from './tool.js'

/** All tools, in the order in which they are listed. */
export const TOOLS: readonly AnyTool[] = [tcpconnlat, tcpconnect]
