import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'

/**
 * A process of its own that writes pairs of keys (`left/N`, `right/N`) into a store, one pair a transaction, and prints N when
 * the transaction is answered. This module is the parent's handle and, run as a program, the child.
 */
export interface StoreWriter extends AsyncDisposable {
  readonly pid: number
  /** Kills the process (SIGKILL) once so many writes are answered. @returns N of every answered transaction. */
  killAfter(writes: number): Promise<string[]>
}

/** @throws Error with what the process printed on standard error when it ends before its first write. */
export async function startStoreWriter(path: string): Promise<StoreWriter> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), path])
  const closed = once(child, 'close')
  const answered: string[] = []
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const lines = createInterface({ input: child.stdout }).on('line', (line) => answered.push(line))
  await Promise.race([once(lines, 'line'), closed])
  if (answered.length === 0) throw new Error(`the store writer wrote nothing: ${stderr}`)

  const stop = async () => {
    child.kill('SIGKILL')
    await closed
  }
  return {
    pid: Number(child.pid),
    async killAfter(writes) {
      while (answered.length < writes) await once(lines, 'line')
      await stop()
      return answered
    },
    [Symbol.asyncDispose]: stop,
  }
}

async function writeForever(path: string): Promise<never> {
  const store = openSqliteStore(path)
  for (let n = 1; ; n += 1) {
    await store.transact(
      [],
      [
        { key: `left/${n}`, value: '0' },
        { key: `right/${n}`, value: '0' },
      ],
    )
    process.stdout.write(`${n}\n`)
  }
}

if (import.meta.main) await writeForever(String(process.argv[2]))
