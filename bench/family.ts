import { readFileSync } from 'node:fs'

/** A process and its children: nginx works in a child of the process that was started. */
export function familyOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
  return [pid, ...text.trim().split(' ').filter(Boolean).map(Number)]
}
