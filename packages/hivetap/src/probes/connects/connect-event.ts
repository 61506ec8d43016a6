/** The structs of connect-event.h and connect-count.h, which the objects of all tools that tell of connects have. */
export {
  type ConnectCount,
  type ConnectEvent,
  type ConnectKey,
  connectCountFields,
  connectEvent,
  connectEventFields,
} from '../tcpconnlat/tcpconnlat.bpf.js'
