import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** AES-256-GCM: key 32 bytes, nonce 12 (NIST SP 800-38D, section 8.2.2: random), tag 16. */
const algorithm = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Keeps secrets unreadable in the store: only who has the key file can open them. */
export class SecretBox {
  readonly #key: Buffer

  constructor(key: Uint8Array) {
    if (key.byteLength !== keyBytes) {
      throw new Error(`a secret box takes a key of ${keyBytes} bytes, not ${key.byteLength}`)
    }
    this.#key = Buffer.from(key)
  }

  /** Base64 of nonce, ciphertext and tag. It opens only under the same `name`, so it cannot be put in another's place. */
  seal(secret: string, name: string): string {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(name))
    const parts = [nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]
    return Buffer.concat(parts).toString('base64')
  }

  /** @throws Error when `sealed` was changed, sealed under another name, or sealed with another key. */
  open(sealed: string, name: string): string {
    const bytes = Buffer.from(sealed, 'base64')
    try {
      const nonce = bytes.subarray(0, nonceBytes)
      const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes })
      decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-tagBytes))
      const ciphertext = bytes.subarray(nonceBytes, -tagBytes)
      return decipher.update(ciphertext, undefined, 'utf8') + decipher.final('utf8')
    } catch (cause) {
      throw new Error(
        `secret of '${name}' does not open with this key: it was sealed with the key of another file`,
        { cause },
      )
    }
  }
}

/**
 * The box of the key in `keyFile` (base64 on one line), which is made, for its owner alone, if it is not there and `mayCreate` it.
 * @throws Error when others may read the file, it holds no key, or it is missing where secrets are sealed with it already.
 */
export async function openSecretBox(
  keyFile: string,
  { mayCreate = true }: { readonly mayCreate?: boolean } = {},
): Promise<SecretBox> {
  const existing = await readKey(keyFile)
  if (existing !== undefined) return new SecretBox(existing)
  if (!mayCreate) {
    throw new Error(
      `key file ${keyFile} is missing, and secrets are sealed with it: put it back, or name its place with --key-file`,
    )
  }
  await createKey(keyFile)
  const created = await readKey(keyFile)
  if (created === undefined) throw new Error(`key file ${keyFile} vanished while it was made`)
  return new SecretBox(created)
}

async function readKey(keyFile: string): Promise<Buffer | undefined> {
  const file = await openExisting(keyFile)
  if (file === undefined) return undefined
  await using _closing = file
  const { mode } = await file.stat()
  if ((mode & 0o077) !== 0) {
    throw new Error(`key file ${keyFile} may be read by others: chmod 600 ${keyFile}`)
  }
  const key = Buffer.from((await file.readFile('ascii')).trim(), 'base64')
  if (key.byteLength !== keyBytes) {
    throw new Error(
      `key file ${keyFile} holds no key: expected ${keyBytes} bytes in base64; put the right one back`,
    )
  }
  return key
}

async function openExisting(path: string) {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Written aside, then linked: of two processes that start at once, one makes the key and both read the whole of it. */
async function createKey(keyFile: string): Promise<void> {
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
  const draft = `${keyFile}.${randomBytes(6).toString('hex')}`
  {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`)
    await file.sync()
  }
  try {
    await link(draft, keyFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  await syncDirectory(dirname(keyFile))
}

/** A key that is lost in a crash would make every secret sealed with it worthless. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}
