/** Whether a tool's events are connects. */
export function isConnectTool(name: string): boolean {
  return name === 'tcpconnlat' || name === 'tcpconnect'
}
