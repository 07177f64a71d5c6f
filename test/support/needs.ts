import { execFileSync } from 'node:child_process'
import { test } from 'vitest'

/**
 * For tests that drive a program of a Debian package: they run where it is installed; elsewhere they skip, and their name says
 * which package they need. Where nothing may skip (WEIR_NO_SKIP, as in CI) a missing program is an error.
 */
export function testWith(program: string, debianPackage: string) {
  const missing = !isInstalled(program)
  if (missing && process.env.WEIR_NO_SKIP !== undefined) {
    throw new Error(`${program} is missing: install the Debian package ${debianPackage}`)
  }
  const note = missing ? ` (needs the Debian package ${debianPackage})` : ''
  return (name: string, run: () => Promise<void>, timeoutMs?: number): void => {
    test.skipIf(missing)(`${name}${note}`, run, timeoutMs)
  }
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
