/** Which names a certificate is for, and which certificates a name has. */
import { X509Certificate } from 'node:crypto'
import type { Certificate, ListenerTls } from '../../snapshot/snapshot.ts'

/**
 * The names that a certificate is chosen by. Unless they are given, they are its DNS names in lower case, or its common name where it has
 * no alternative names at all (RFC 6125, section 6.4.4); none when it cannot be read.
 */
export function serverNames({ chain, names }: Certificate): readonly string[] {
  if (names !== undefined) return names
  try {
    const { subjectAltName, subject } = new X509Certificate(chain)
    if (subjectAltName !== undefined) return dnsNames(subjectAltName)
    const common = /^CN=(.+)$/m.exec(subject ?? '')?.[1]
    return common === undefined ? [] : [common.toLowerCase()]
  } catch {
    return []
  }
}

function dnsNames(alternatives: string): string[] {
  const parts = alternatives.split(', ').filter((part) => part.startsWith('DNS:'))
  return parts.map((part) => part.slice(4).toLowerCase())
}

/** Finds certificates by name, in as many steps as the name has labels. */
export class NameIndex {
  readonly #byName = new Map<string, Certificate[]>()
  readonly #match: ListenerTls['sniMatch']

  constructor(
    certificates: Iterable<Certificate>,
    match: ListenerTls['sniMatch'],
    namesOf: (certificate: Certificate) => readonly string[],
  ) {
    this.#match = match
    for (const certificate of certificates) {
      for (const name of namesOf(certificate)) this.#add(name, certificate)
    }
  }

  /** All that are for the name in the same way, in the order that they were given in: exactly, or else by the longest wildcard. */
  find(name: string): readonly Certificate[] | null {
    const asked = name.toLowerCase()
    const exact = this.#byName.get(asked)
    if (exact !== undefined) return exact
    for (let dot = asked.indexOf('.'); dot >= 0; dot = asked.indexOf('.', dot + 1)) {
      const found = this.#byName.get(`*${asked.slice(dot)}`)
      if (found !== undefined) return found
      if (this.#match === 'wildcard') return null
    }
    return null
  }

  #add(name: string, certificate: Certificate): void {
    const found = this.#byName.get(name)
    if (found === undefined) this.#byName.set(name, [certificate])
    else if (!found.includes(certificate)) found.push(certificate)
  }
}
