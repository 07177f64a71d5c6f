import type { Endpoint } from '../endpoint.ts'

/**
 * The line that tells a target who connected, and to what (guide, p. 75; The PROXY protocol, section 2.1). At most 107 bytes.
 * @param source the client @param destination the load balancer's own end of that connection: the same family
 */
export function proxyLine(source: Endpoint, destination: Endpoint): string {
  if (source.address === '') return 'PROXY UNKNOWN\r\n'
  const family = source.address.includes(':') ? 'TCP6' : 'TCP4'
  const addresses = `${withoutZone(source.address)} ${withoutZone(destination.address)}`
  return `PROXY ${family} ${addresses} ${source.port} ${destination.port}\r\n`
}

/** `fe80::1%eth0` without its interface, which says nothing to another host. */
function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}
