/**
 * What of an SSL negotiation policy clients and a listener can agree on: every policy of the guide can be had and described, but
 * OpenSSL has left out much of what was in use in 2011 (docs/tls-policies.md).
 */
import { negotiable } from '../../std/tls-ciphers.ts'
import type { PolicyRecord } from './records.ts'
import { sslCiphers, sslProtocols } from './ssl-policies.ts'

/** The protocols and ciphers that the policy enables and that no handshake comes to: they are passed over. */
export function passedOver(policy: PolicyRecord): string[] {
  const { protocols, ciphers } = switches(policy)
  const usable = new Set(
    protocols.flatMap((protocol) => {
      const its = negotiable(protocol.slice('Protocol-'.length), ciphers)
      return its.length > 0 ? [protocol, ...its] : []
    }),
  )
  return [...protocols, ...ciphers].filter((name) => !usable.has(name))
}

/** Whether nothing is left of the policy: every handshake would fail. */
export function isUnusable(policy: PolicyRecord): boolean {
  const { protocols, ciphers } = switches(policy)
  return passedOver(policy).length === protocols.length + ciphers.length
}

function switches({ attributes }: PolicyRecord) {
  const names = attributes.map(({ name }) => name)
  return {
    protocols: names.filter((name) => sslProtocols.includes(name)),
    ciphers: names.filter((name) => sslCiphers.includes(name)),
  }
}
