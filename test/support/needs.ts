import { execFileSync } from 'node:child_process'
import { test } from 'vitest'

type Test = (name: string, run: () => Promise<void>, timeoutMs?: number) => void

/**
 * For tests that drive a program of a Debian package: they run where it is installed; elsewhere they skip, and their name says
 * which package they need. Where nothing may skip (WEIR_NO_SKIP, as in CI) a missing program is an error.
 */
export function testWith(program: string, debianPackage: string): Test {
  return testIf(succeeds('sh', '-c', 'command -v "$1"', 'sh', program), program, debianPackage)
}

/** As {@link testWith}, for a module of Debian's own Python, `/usr/bin/python3`. */
export function testWithPython(module: string, debianPackage: string): Test {
  return testIf(succeeds('/usr/bin/python3', '-c', `import ${module}`), module, debianPackage)
}

function testIf(isInstalled: boolean, what: string, debianPackage: string): Test {
  if (!isInstalled && process.env.WEIR_NO_SKIP !== undefined) {
    throw new Error(`${what} is missing: install the Debian package ${debianPackage}`)
  }
  const note = isInstalled ? '' : ` (needs the Debian package ${debianPackage})`
  return (name, run, timeoutMs) => {
    test.skipIf(!isInstalled)(`${name}${note}`, run, timeoutMs)
  }
}

function succeeds(program: string, ...options: string[]): boolean {
  try {
    execFileSync(program, options, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
