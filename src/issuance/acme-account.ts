/** The account at an ACME server (RFC 8555, section 7.3): a key that the store keeps sealed, made when it is first needed. */
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import acme from 'acme-client'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import { atomically } from '../store/transaction.ts'
import { newKeyPair, privateKeyPem } from './private-key.ts'
import { secretKeys } from './secrets.ts'

export interface AcmeServer {
  readonly directory: string
  readonly contact: string | undefined
  /** PEM file of the authorities that its own certificate may come from; undefined: those that Node trusts. */
  readonly caFile: string | undefined
}

interface AccountRecord {
  readonly directory: string
  readonly sealedKey: string
}

/** The server's answer to a request that failed (RFC 8555, section 6.7). */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem'
  /** Its own type and those of its subproblems, without what all have in front: `rateLimited`. */
  readonly types: readonly string[]

  constructor(document: ProblemDocument) {
    super(document.detail ?? document.type)
    this.types = [document, ...(document.subproblems ?? [])].map(({ type }) => shortType(type))
  }
}

export interface ProblemDocument {
  readonly type: string
  readonly detail?: string
  readonly subproblems?: readonly { readonly type: string }[]
}

const problemPrefix = 'urn:ietf:params:acme:error:'

/** Milliseconds that a server may take to answer. */
const requestTimeout = 30_000

/** How long to wait for a validation or a certificate: 12 looks, milliseconds apart. About two minutes. */
const polling = { backoffAttempts: 12, backoffMin: 500, backoffMax: 20_000 }

/** @returns a client whose account the server knows @throws AcmeProblem, or Error when the server cannot be reached */
export async function openAccount(
  server: AcmeServer,
  store: Store,
  box: SecretBox,
): Promise<acme.Client> {
  await setUp(server)
  const accountKey = await accountKeyOf(server.directory, store, box)
  const client = new acme.Client({ directoryUrl: server.directory, accountKey, ...polling })
  const contact = server.contact === undefined ? [] : [`mailto:${server.contact}`]
  await client.createAccount({ termsOfServiceAgreed: true, contact })
  return client
}

async function accountKeyOf(directory: string, store: Store, box: SecretBox): Promise<string> {
  const key = secretKeys.acmeAccount(directory)
  const fresh = privateKeyPem((await newKeyPair('EC_prime256v1')).privateKey)
  return atomically(store, async (tx) => {
    const existing = await tx.get<AccountRecord>(key)
    if (existing !== undefined) return box.open(existing.sealedKey, key)
    const record: AccountRecord = { directory, sealedKey: box.seal(fresh, key) }
    tx.put(key, record)
    return fresh
  })
}

/** The library has one HTTP client for all. Once: a process has one ACME server. */
let settingUp: Promise<void> | undefined

function setUp(server: AcmeServer): Promise<void> {
  settingUp ??= setUpClient(server)
  settingUp.catch(() => {
    settingUp = undefined
  })
  return settingUp
}

async function setUpClient({ caFile }: AcmeServer): Promise<void> {
  const { axios } = acme
  if (caFile !== undefined) axios.defaults.httpsAgent = new Agent({ ca: await readFile(caFile) })
  axios.defaults.timeout = requestTimeout
  // The library's own would try again for minutes, and then lose the reason why a server cannot be reached.
  axios.interceptors.request.clear()
  axios.interceptors.response.clear()
  // It keeps only the words of a problem; what to do about it hangs on its type.
  axios.interceptors.response.use((response) => {
    const document = response.data as ProblemDocument | undefined
    const isProblem = response.status >= 400 && document?.type?.startsWith(problemPrefix) === true
    // A nonce that is not taken is the library's own business (section 6.5).
    if (isProblem && shortType(document.type) !== 'badNonce') throw new AcmeProblem(document)
    return response
  })
}

function shortType(type: string): string {
  return type.replace(problemPrefix, '')
}
