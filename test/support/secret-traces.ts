/** Looks for private keys where they must not be, in whatever form somebody may have written them. */
import { createPrivateKey } from 'node:crypto'

/** Long enough that nothing has it by chance; short enough to lie between two line breaks of a PEM. */
const windowBytes = 12

export class SecretTraces {
  readonly #traces: { readonly form: string; readonly bytes: Buffer }[]

  /** @param pem a private key */
  constructor(pem: string) {
    const jwk = createPrivateKey(pem).export({ format: 'jwk' })
    // What a private key has and its public one has not (RFC 7518, sections 6.2.2 and 6.3.2).
    const secrets = [jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].flatMap((one) => one ?? [])
    const numbers = secrets.map((one) => Buffer.from(one, 'base64url'))
    this.#traces = [
      ...numbers.flatMap(windows).flatMap(forms),
      // A PEM that is encoded once more: ACM's protocol has it so.
      ...pem
        .split('\n')
        .filter((line) => line.length === 64)
        .slice(8)
        .flatMap((line) => windows(Buffer.from(line)).flatMap(forms)),
    ]
  }

  /** @returns the forms in which a part of the key is there; none when all is well */
  in(found: Buffer | string): string[] {
    const text = typeof found === 'string' ? Buffer.from(found) : found
    const forms = this.#traces.filter(({ bytes }) => text.includes(bytes))
    return [...new Set(forms.map(({ form }) => form))]
  }
}

function windows(secret: Buffer): Buffer[] {
  const starts = Array.from({ length: Math.floor(secret.length / windowBytes) }, (_, i) => i)
  return starts.map((i) => secret.subarray(i * windowBytes, (i + 1) * windowBytes))
}

function forms(secret: Buffer): { form: string; bytes: Buffer }[] {
  const texts = [
    ['hex', secret.toString('hex')],
    ['HEX', secret.toString('hex').toUpperCase()],
    ['bytes of JSON', [...secret].join(',')],
    // What is before decides which of three ways it has in base64; the characters at the ends are of the neighbours too.
    ...[0, 1, 2].flatMap((before) => {
      const shifted = Buffer.concat([Buffer.alloc(before), secret])
      return (['base64', 'base64url'] as const).map((form) => [
        form,
        shifted
          .toString(form)
          .replaceAll('=', '')
          .slice(before === 0 ? 0 : before + 1, -2),
      ])
    }),
  ]
  return [
    { form: 'bytes', bytes: secret },
    ...texts.map(([form = '', text = '']) => ({ form, bytes: Buffer.from(text) })),
  ]
}
