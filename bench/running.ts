/** A candidate while it runs. */
import type { Candidate } from './candidates.ts'
import type { Children } from './children.ts'
import { ready } from './readiness.ts'

export interface Running extends AsyncDisposable {
  readonly candidate: Candidate
  readonly pid: number
}

/** @param uncounted as in a scenario */
export type StartCandidate = (candidate: Candidate, uncounted?: boolean) => Promise<Running>

/** Resolves when all that it serves is served. */
export async function run(
  candidate: Candidate,
  children: Children,
  folder: string,
  cpu: number,
  uncounted: boolean,
): Promise<Running> {
  const child = children.start(cpu, await candidate.command(folder, uncounted))
  for (const kind of candidate.serves) await ready(candidate.name, child, candidate.host, kind)
  if (child.pid === undefined) throw new Error(`${candidate.name} could not be started`)
  return { candidate, pid: child.pid, [Symbol.asyncDispose]: () => children.end(child) }
}
