import { eventOfRecord } from '../event-of-record.js'
import { type ConnectEvent, connectEventFields } from './connect-event.js'

export const connectOfRecord = eventOfRecord<ConnectEvent>(connectEventFields)
