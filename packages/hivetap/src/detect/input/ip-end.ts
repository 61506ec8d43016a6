/** Characters of an IPv6 address at most, with an IPv4 address at its end. */
const MOST_ADDRESS = 45
const MOST_PORT = 65_535
const V4 = /^(?:\d{1,3}\.){3}\d{1,3}$/
const V6 = /^(?=.*:.*:)[0-9a-f:]{2,39}(?:(?:\d{1,3}\.){3}\d{1,3})?$/i

/**
 * Whether it looks like an IP address as inet_ntop(3) writes it. That is enough to tell it from what stands in another column;
 * who printed it knew whether it is one.
 */
export function isAddress(text: string): boolean {
  return text.length <= MOST_ADDRESS && (V4.test(text) || V6.test(text))
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= MOST_PORT
}

/** `10.0.0.1:443`, `[2001:db8::1]:443` */
export function ipEnd(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
