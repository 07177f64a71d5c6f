import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../settings/settings.ts'

/** Settings of a system that nothing of an earlier run is in, and that leaves nothing once `cleanup` is done. */
export function throwAway(settings: Settings, cleanup: AsyncDisposableStack): Settings {
  const data = mkdtempSync(join(tmpdir(), 'weir-dev-'))
  const keyFile = join(data, 'weir.key')
  cleanup.defer(() => rmSync(data, { recursive: true, force: true }))
  return { ...settings, data, keyFile, dev: true, auth: 'none' }
}
