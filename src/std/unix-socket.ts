import { rmSync } from 'node:fs'
import type { Server } from 'node:net'

/** The longest path that a Unix socket takes on Linux (unix(7): 108 bytes with the final zero). */
const maxPathBytes = 107

/**
 * Listens on a Unix socket that only its owner may connect to. A socket file that a killed process left behind is replaced: the
 * caller knows that it is alone.
 * @throws Error when the path is too long for the system
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<void> {
  requireShort(path)
  rmSync(path, { force: true })
  const umask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve)
    })
  } finally {
    process.umask(umask)
  }
}

function requireShort(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes <= maxPathBytes) return
  throw new Error(
    `the path of the socket ${path} has ${bytes} bytes, the system takes ${maxPathBytes}: choose a shorter data folder`,
  )
}
