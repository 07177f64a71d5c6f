/**
 * Certificates from an ACME server (RFC 8555, section 7.4): an order, a proof for each name, a key, and the certificate. Proofs are shown by
 * the HTTP listeners of all load balancers (`HTTP`) or by the DNS server (`DNS`).
 */
import acme from 'acme-client'
import type { FailureReason } from '../aws/acm/request-records.ts'
import { challengeName } from '../aws/acm/validation-names.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import { AcmeProblem, type AcmeServer, openAccount, type ProblemDocument } from './acme-account.ts'
import { type ChallengeAnswer, showAnswers, withdrawAnswers } from './challenges.ts'
import {
  type Application,
  type IssuedCertificate,
  type Issuer,
  RefusedApplication,
} from './issuer.ts'
import { newKeyPair, privateKeyPem } from './private-key.ts'

export interface AcmeIssuerOptions {
  readonly server: AcmeServer
  readonly store: Store
  readonly box: SecretBox
  /** The name of our own that the CNAME record of a domain should point to. */
  readonly validationName: (domain: string) => string
  /** Resolves when everybody who is asked by that method shows what the store held at that revision. */
  readonly shown: (revision: number, method: Application['validationMethod']) => Promise<void>
}

type Challenge = acme.Authorization['challenges'][number]

/** A challenge that has to be met, and how. */
interface Task {
  readonly challenge: Challenge
  readonly answer: ChallengeAnswer
}

export class AcmeIssuer implements Issuer {
  readonly #options: AcmeIssuerOptions
  #account: Promise<acme.Client> | undefined

  constructor(options: AcmeIssuerOptions) {
    this.#options = options
  }

  async issue(application: Application): Promise<IssuedCertificate> {
    try {
      return await this.#order(application)
    } catch (error) {
      // An account may have been removed at the server; it is asked for anew the next time.
      this.#account = undefined
      throw refusalOf(error)
    }
  }

  async #order(application: Application): Promise<IssuedCertificate> {
    const { keyAlgorithm } = application
    const names = withoutCovered(application.names)
    const client = await this.#client()
    const identifiers = names.map((value) => ({ type: 'dns', value }))
    const order = await client.createOrder({ identifiers })
    await this.#validate(client, order, application)
    await client.waitForValidStatus(order)
    const privateKey = privateKeyPem((await newKeyPair(keyAlgorithm)).privateKey)
    const [commonName = application.names[0]] = names
    const [, csr] = await acme.crypto.createCsr({ commonName, altNames: names }, privateKey)
    const chain = await client.getCertificate(await client.finalizeOrder(order, csr))
    const [body = '', ...signers] = acme.crypto.splitPemChain(chain).map((each) => each.trim())
    return { body, chain: signers.length === 0 ? null : signers.join('\n'), privateKey }
  }

  #client(): Promise<acme.Client> {
    const { server, store, box } = this.#options
    this.#account ??= openAccount(server, store, box)
    return this.#account
  }

  async #validate(
    client: acme.Client,
    order: acme.Order,
    { id, validationMethod }: Application,
  ): Promise<void> {
    const authorizations = await client.getAuthorizations(order)
    // Names that were validated a short time ago may need no more.
    const pending = authorizations.filter(({ status }) => status === 'pending')
    const choices = pending.map((authorization) =>
      this.#task(client, authorization, validationMethod),
    )
    const tasks = await Promise.all(choices)
    if (tasks.length === 0) return
    const { store, shown } = this.#options
    try {
      const answers = tasks.map(({ answer }) => answer)
      await shown(await showAnswers(store, id, answers), validationMethod)
      const outcomes = await Promise.allSettled(tasks.map((task) => meet(client, task)))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw await validationFailure(client, order, failed.reason)
    } finally {
      await withdrawAnswers(store, id)
    }
  }

  async #task(
    client: acme.Client,
    { identifier, challenges }: acme.Authorization,
    method: Application['validationMethod'],
  ): Promise<Task> {
    const type = method === 'HTTP' ? 'http-01' : 'dns-01'
    const challenge = challenges.find((each) => each.type === type)
    const { value: domain } = identifier
    if (challenge === undefined) {
      throw new Error(`the ACME server offers no ${type} challenge for ${domain}`)
    }
    const proof = await client.getChallengeKeyAuthorization(challenge)
    const { token } = challenge
    if (type === 'http-01') {
      return { challenge, answer: { kind: type, token, keyAuthorization: proof } }
    }
    const names = [challengeName(domain), this.#options.validationName(domain)]
    return { challenge, answer: { kind: type, names, text: proof } }
  }
}

/** Servers refuse a name beside a wildcard that covers it. */
function withoutCovered(names: readonly string[]): string[] {
  const isCovered = (name: string) => names.includes(name.replace(/^[^*.]+\./, '*.'))
  return names.filter((name) => name.startsWith('*.') || !isCovered(name))
}

async function meet(client: acme.Client, { challenge }: Task): Promise<void> {
  await client.completeChallenge(challenge)
  await client.waitForValidStatus(challenge)
}

/** What the server says of the challenges, if it says anything of them. */
async function validationFailure(
  client: acme.Client,
  order: acme.Order,
  reason: unknown,
): Promise<unknown> {
  if (reason instanceof AcmeProblem) return reason
  for (const { identifier, challenges } of await client.getAuthorizations(order)) {
    const failed = challenges.find(({ error }) => error !== undefined)
    if (failed === undefined) continue
    const problem = failed.error as ProblemDocument
    return new AcmeProblem({ ...problem, detail: `${identifier.value}: ${problem.detail}` })
  }
  return reason
}

/** Types of problems that stay (RFC 8555, section 6.7). All others may pass, or somebody may do something about them. */
const refusals: Readonly<Record<string, FailureReason>> = {
  caa: 'CAA_ERROR',
  rejectedIdentifier: 'DOMAIN_NOT_ALLOWED',
  unsupportedIdentifier: 'INVALID_PUBLIC_DOMAIN',
  badCSR: 'OTHER',
  badPublicKey: 'OTHER',
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof AcmeProblem)) return error
  const reason = error.types.map((type) => refusals[type]).find((found) => found !== undefined)
  return reason === undefined
    ? error
    : new RefusedApplication(reason, error.message, { cause: error })
}
