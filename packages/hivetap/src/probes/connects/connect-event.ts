/** The struct of connect-event.h, which the objects of all tools that tell of connects have. */
export { type ConnectEvent, connectEventFields } from '../tcpconnlat/tcpconnlat.bpf.js'
