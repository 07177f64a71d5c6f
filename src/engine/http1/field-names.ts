/** The header fields that the engine itself reads, removes or sets; all others pass as they are. */
export const field = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  te: 6,
  /** Concern one connection only, and carry nothing that the engine needs. */
  hopByHop: 7,
  /** What the engine sets behind what was there. */
  forwardedFor: 8,
  /** What only the engine may say. */
  forwarded: 9,
} as const

export type Field = (typeof field)[keyof typeof field]

interface Known {
  readonly name: Uint8Array
  readonly field: Field
}

const framing: Readonly<Record<string, Field>> = {
  host: field.host,
  connection: field.connection,
  'content-length': field.contentLength,
  'transfer-encoding': field.transferEncoding,
  upgrade: field.upgrade,
  'keep-alive': field.hopByHop,
  'proxy-connection': field.hopByHop,
  te: field.te,
}

const nothing: readonly Known[] = []

/** Which names are of fields that the engine knows. */
export class FieldNames {
  readonly #byLength: readonly (readonly Known[])[]

  /** @param forwarded names in lower case, and which field they are */
  constructor(forwarded: Readonly<Record<string, Field>>) {
    // No name may change what frames messages.
    const names = Object.entries({ ...forwarded, ...framing })
    const longest = Math.max(...names.map(([name]) => name.length))
    this.#byLength = Array.from({ length: longest + 1 }, (_, length) =>
      names
        .filter(([name]) => name.length === length)
        .map(([name, kind]) => ({ name: Buffer.from(name), field: kind })),
    )
  }

  /** Which field a name of `length` token bytes at `start` is, in any case of letters. */
  at(bytes: Uint8Array, start: number, length: number): Field {
    const candidates = this.#byLength[length] ?? nothing
    for (let i = 0; i < candidates.length; i += 1) {
      const candidate = candidates[i]
      if (candidate !== undefined && matches(bytes, start, candidate.name)) return candidate.field
    }
    return field.other
  }

  /** As `at`, of a name as text. */
  of(name: string): Field {
    return this.at(Buffer.from(name, 'latin1'), 0, name.length)
  }
}

/** Those of a load balancer that tells its targets the usual three (guide, p. 36–38). */
export const usualNames = new FieldNames({
  'x-forwarded-for': field.forwardedFor,
  'x-forwarded-proto': field.forwarded,
  'x-forwarded-port': field.forwarded,
})

/** Whether bytes `start` to `end` are `name`, which is in lower case, in any case of letters. For field values: no control character is taken for a mark. */
export function isNamed(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  return end - start === name.length && matches(bytes, start, name)
}

/** Whether the bytes at `start` are `name`, which is in lower case. For token bytes only: setting bit 5 is lower-casing there. */
function matches(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i += 1) {
    if (((bytes[start + i] ?? 0) | 0x20) !== name[i]) return false
  }
  return true
}
