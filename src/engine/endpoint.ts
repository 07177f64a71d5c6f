/** One end of a TCP connection. */
export interface Endpoint {
  /** An IP literal, IPv4 as such even on an IPv6 socket; empty when the peer is gone and the kernel no longer knows it. */
  readonly address: string
  readonly port: number
}

export function endpoint(address = '', port = 0): Endpoint {
  return { address: address.startsWith('::ffff:') ? address.slice(7) : address, port }
}

/** `192.0.2.1:80`, and IPv6 in brackets. */
export function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
