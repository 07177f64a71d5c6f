import type { ProtocolName } from './records.ts'

/** HTTPS or SSL. */
export function isSecure(protocol: ProtocolName): boolean {
  return protocol === 'HTTPS' || protocol === 'SSL'
}

/** HTTP or HTTPS. */
export function isHttp(protocol: ProtocolName): boolean {
  return protocol === 'HTTP' || protocol === 'HTTPS'
}
