/** The programs that the bench drives, which npm does not bring. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's package of each program. */
const packages = {
  taskset: 'util-linux',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  nginx: 'nginx',
  haproxy: 'haproxy',
} as const

export type Program = keyof typeof packages

/** Where `program` is, or undefined. Daemons are in /usr/sbin, which is not on everybody's PATH. */
export function findProgram(program: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, program)).find(isExecutable)
}

export function missing(program: Program): string {
  return `${program} is missing: install the Debian package ${packages[program]}`
}

/** Debian puts nginx's stream module in a package of its own. */
export const streamModule = {
  path: '/usr/lib/nginx/modules/ngx_stream_module.so',
  missing: 'nginx has no stream module, so no TCP: install the Debian package libnginx-mod-stream',
  get installed(): boolean {
    return existsSync(this.path)
  },
}

/** The CPUs that this process may use, from /proc/PID/status (`Cpus_allowed_list: 0-1,4`). */
export function allowedCpus(status = readFileSync('/proc/self/status', 'latin1')): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0'
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
