/** The names that certificates are for, each read once: those of thousands take longer to read than a handshake may wait. */
import type { Certificate, Snapshot } from '../../snapshot/snapshot.ts'
import { serverNames } from './server-names.ts'

/** How many are read before connections have their turn: some milliseconds. */
const atATime = 50

export class CertificateNames {
  /** By Certificate.id. */
  readonly #names = new Map<string, readonly string[]>()

  /** Reads, bit by bit, what is not known of the certificates that a snapshot has chosen by name, and forgets all others. */
  async learn(snapshot: Snapshot): Promise<void> {
    const wanted = chosenByName(snapshot)
    for (const id of this.#names.keys()) if (!wanted.has(id)) this.#names.delete(id)
    const unknown = snapshot.certificates.filter(({ id }) => wanted.has(id) && !this.#names.has(id))
    for (const [i, certificate] of unknown.entries()) {
      if (i > 0 && i % atATime === 0) await new Promise(setImmediate)
      this.of(certificate)
    }
  }

  readonly of = (certificate: Certificate): readonly string[] => {
    let names = this.#names.get(certificate.id)
    if (names === undefined) {
      names = serverNames(certificate)
      this.#names.set(certificate.id, names)
    }
    return names
  }
}

/** Certificate.id of each. */
function chosenByName({ nodes }: Snapshot): ReadonlySet<string> {
  return new Set(nodes.flatMap(({ listeners }) => listeners.flatMap(({ tls }) => tls?.sni ?? [])))
}
