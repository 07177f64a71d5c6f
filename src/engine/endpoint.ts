/** One end of a TCP connection. */
export interface Endpoint {
  /** An IP literal, IPv4 as such even on an IPv6 socket; empty when the peer is gone and the kernel no longer knows it. */
  readonly address: string
  readonly port: number
}

export function endpoint(address = '', port = 0): Endpoint {
  return { address: address.startsWith('::ffff:') ? address.slice(7) : address, port }
}
