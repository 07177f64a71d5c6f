/** Loaded before the engine (node --import): what notes exchanges is replaced by what does not, to show what observing costs in all. */
import { registerHooks } from 'node:module'

const replaced = new URL('../src/engine/http1/exchange-record.ts', import.meta.url).href
const replacement = new URL('./uncounted-record.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = nextResolve(specifier, context)
    const isOurs = found.url === replaced && context.parentURL !== replacement
    return isOurs ? { ...found, url: replacement } : found
  },
})
