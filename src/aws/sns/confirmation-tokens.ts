import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SecretBox } from '../../std/secret-box.ts'
import type { Store } from '../../store/store.ts'
import { storedSecret } from '../../store/stored-secret.ts'
import { readArn, snsSecretKeys } from './records.ts'

const secretKey = snsSecretKeys.confirmation

/** "Confirmation tokens are valid for two days" (ConfirmSubscription). In milliseconds. */
export const tokenLife = 2 * 86_400_000

const idBytes = 16
const timeBytes = 6
const tokenBytes = idBytes + timeBytes + 32

/**
 * What an endpoint is sent, and who controls it sends back, so that nobody is subscribed who does not want it: the id of the subscription, the
 * token's end, and a code over both that only we can make.
 */
export class ConfirmationTokens {
  readonly #secret: Buffer

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  /** With the secret of the store, which is made if there is none. */
  static async open(store: Store, box: SecretBox): Promise<ConfirmationTokens> {
    return new ConfirmationTokens(await storedSecret(store, box, secretKey))
  }

  /** @param issuedAt milliseconds since the epoch @returns hexadecimal */
  of(subscriptionArn: string, issuedAt: number): string {
    const id = Buffer.from(idOf(subscriptionArn).replaceAll('-', ''), 'hex')
    const end = Buffer.alloc(timeBytes)
    end.writeUIntBE(issuedAt + tokenLife, 0, timeBytes)
    return Buffer.concat([id, end, this.#code(subscriptionArn, end)]).toString('hex')
  }

  /** @returns the ARN of the topic's subscription that the token is for; undefined when it is not valid now */
  subscriptionOf(token: string, topicArn: string, now: number): string | undefined {
    const bytes = Buffer.from(token, 'hex')
    if (bytes.byteLength !== tokenBytes || bytes.toString('hex') !== token) return undefined
    const arn = `${topicArn}:${uuid(bytes.subarray(0, idBytes))}`
    const end = bytes.subarray(idBytes, idBytes + timeBytes)
    if (!timingSafeEqual(bytes.subarray(idBytes + timeBytes), this.#code(arn, end)))
      return undefined
    return now < end.readUIntBE(0, timeBytes) ? arn : undefined
  }

  #code(subscriptionArn: string, end: Uint8Array): Buffer {
    return createHmac('sha256', this.#secret).update(subscriptionArn).update(end).digest()
  }
}

function idOf(arn: string): string {
  const id = readArn(arn)?.subscription
  if (!id) throw new Error(`${arn} is no ARN of a subscription`)
  return id
}

function uuid(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
