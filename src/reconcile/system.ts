import { randomUUID } from 'node:crypto'
import type { Store, Write } from '../store/store.ts'

export const systemKey = 'system'

/** Makes another system of the store: {@link Snapshot.system}. */
export function anotherSystem(): Write {
  return { key: systemKey, value: JSON.stringify(randomUUID()) }
}

/** Empty for one that was never reset. */
export async function readSystem(store: Store): Promise<string> {
  const entry = await store.get(systemKey)
  return entry === undefined ? '' : (JSON.parse(entry.value) as string)
}
