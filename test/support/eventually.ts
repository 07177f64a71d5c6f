import { setTimeout as pause } from 'node:timers/promises'

/**
 * Waits for a state of another process that sends us no event: asks again until the answer is truthy, or for a minute.
 * @param what names the state, for the error.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  let last: unknown
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      last = error
    }
  }
  throw new Error(`${what}: did not come within a minute`, { cause: last })
}
