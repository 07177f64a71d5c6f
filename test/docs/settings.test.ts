import { expect, test } from 'vitest'
import { defaultLimits } from '../../src/engine/http1/limits.ts'
import {
  environmentName,
  flagName,
  readSettings,
  settingsSchema,
} from '../../src/settings/settings.ts'

/** Rewritten by `npx vitest run test/docs -u`. */
test('docs/settings.md describes every setting in the words of the schema', async () => {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const parsed = schema.safeParse(undefined)
    const fallback = name === 'threads' ? 'one a core' : parsed.data
    const shown = fallback === undefined ? '' : `\`${String(fallback)}\``
    return `| \`${flagName(name)}\` | \`${environmentName(name)}\` | ${shown} | ${schema.description} |`
  })
  const page = `# Settings

What a process is told when it starts. The command line beats the environment, which beats the settings file, which beats the default.
The settings file (\`--config FILE\` or \`WEIR_CONFIG\`) is one JSON object with the names in camel case: \`{"region": "eu-west-1", "logLevel": "warn"}\`.

| command line | environment | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`
  await expect(page).toMatchFileSnapshot('../../docs/settings.md')
})

test('the limits of HTTP messages are the same by the settings and for an engine of its own', () => {
  const settings = readSettings({ flags: {}, environment: {}, file: undefined })
  expect({
    startLine: settings.maxRequestLine,
    headerLine: settings.maxHeaderLine,
    headers: settings.maxHeaders,
    pipelined: settings.maxPipelined,
  }).toEqual(defaultLimits)
})
