/**
 * Keys as paths: the slashes of a key are folders, and each part of it is a file name that stands for no other part. `%`, NUL and the names
 * that mean something to the file system (`.`, `..`, none) are escaped. The folder of the keys below `a/` is called `a`, so the object `a`
 * beside it is called `a%`.
 */
import { BucketError } from './bucket-error.ts'

/** Bytes of a key (S3 User Guide, "Naming Amazon S3 objects"). */
const maxKeyBytes = 1024
/** Bytes of a file name, less the one that is added to a name that a folder has. */
const maxNameBytes = 254

/**
 * The file names of a key's parts.
 * @throws BucketError KeyTooLongError
 */
export function namesOf(key: string): string[] {
  if (Buffer.byteLength(key) > maxKeyBytes) {
    throw new BucketError(
      'KeyTooLongError',
      `Your key is too long: it has over ${maxKeyBytes} bytes`,
    )
  }
  const names = key.split('/').map(fileName)
  if (names.some((name) => Buffer.byteLength(name) > maxNameBytes)) {
    throw new BucketError(
      'KeyTooLongError',
      `Your key is too long: objects are files here, and a part between slashes has over ${maxNameBytes} bytes as a file name`,
    )
  }
  return names
}

/** The name of an object whose own name is that of a folder. */
export function besideFolder(name: string): string {
  return `${name}%`
}

/** The part of a key that a file or folder is named after; undefined when no key has such a name. */
export function partOf(name: string): string | undefined {
  const part = decoded(name)
  return fileName(part) === name ? part : undefined
}

/** As {@link partOf}, of a file: it may be one beside a folder. */
export function partOfFile(name: string): string | undefined {
  return partOf(name) ?? (name.endsWith('%') ? partOf(name.slice(0, -1)) : undefined)
}

function fileName(part: string): string {
  if (part === '') return '%'
  const name = part.replace(/[%\0]/g, encodeURIComponent)
  return /^\.\.?$/.test(name) ? name.replaceAll('.', '%2E') : name
}

function decoded(name: string): string {
  if (name === '%') return ''
  return name.replace(/%(25|00|2E)/g, decodeURIComponent)
}
