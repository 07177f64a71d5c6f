import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const url = (path: string) => new URL(path, import.meta.url).href

test('an engine that is not counted has a record that does nothing', () => {
  const program = `
    import { ExchangeRecord } from '${url('../src/engine/http1/exchange-record.ts')}'
    import { ExchangeRecord as Replacement } from '${url('./uncounted-record.ts')}'
    console.log(ExchangeRecord === Replacement)
  `
  const run = (...options: string[]) =>
    execFileSync(process.execPath, [...options, '--input-type=module', '--eval', program], {
      encoding: 'utf8',
    })
  expect(run('--import', url('./uncounted.ts'))).toBe('true\n')
  expect(run()).toBe('false\n')
})
