import { readdirSync, readFileSync } from 'node:fs'

/** Process ids of the control and proxy processes under a supervisor. */
export function childProcess(supervisor: number, role: 'control' | 'proxy'): number | undefined {
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8')
  return children
    .split(' ')
    .map(Number)
    .find((pid) => pid > 0 && commandLine(pid).includes(role))
}

function commandLine(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
}

/** How many descriptors a process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** How much memory a process has in RAM, in bytes. */
export function residentBytes(pid: number): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}
