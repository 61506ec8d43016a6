/** The struct of connect-event.h, which the objects of all tools that tell of connects have. */
export { type ConnectEvent, connectEvent, connectEventFields } from '../tcpconnlat/tcpconnlat.bpf.js'
