import { readFileSync } from 'node:fs'

/** Where proc(5) has the start time in /proc/PID/stat, counted from the state, which follows the name in parentheses. */
const startTime = 19

/** What names a process of this machine and no other, as long as the machine runs: `PID-START`; undefined when there is none. */
export function processIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${pid}-${fields[startTime]}`
  } catch {
    return undefined
  }
}
