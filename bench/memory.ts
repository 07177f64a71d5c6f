/** Memory of a process with its child processes, as the kernel counts it. Sockets' own memory is not in it: that is the same for all. */
import { readFileSync } from 'node:fs'
import { familyOf } from './family.ts'

/** Bytes of anonymous memory that are in use: what is allocated, without code and files. */
export function memoryOf(pid: number): number {
  const bytes = familyOf(pid).map((member) =>
    parseStatus(readFileSync(`/proc/${member}/status`, 'latin1')),
  )
  return bytes.reduce((sum, each) => sum + each, 0)
}

/** @throws Error when `status`, of proc_pid_status(5), does not say RssAnon in kB */
export function parseStatus(status: string): number {
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(status)
  if (found === null) throw new Error(`no RssAnon in '${status}'`)
  return Number(found[1]) * 1024
}
