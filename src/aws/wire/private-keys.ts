/** Private keys turn up where they do not belong: people mix up parameters. They must not be shown or kept there. */
import { createPrivateKey } from 'node:crypto'

/** Base64 of what begins as all DER of keys does: with a SEQUENCE (ITU-T X.690, section 8.9). Reading keys is slow, texts are many. */
const mayBeDer = /^\s*M[\s\w+/=-]{40}/

/** Whether a text is a private key: with a PEM's lines around it, or base64 alone. */
export function isPrivateKey(text: string): boolean {
  if (text.includes('PRIVATE KEY')) return true
  if (!mayBeDer.test(text)) return false
  const key = Buffer.from(text, 'base64')
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => {
    try {
      createPrivateKey({ key, format: 'der', type })
      return true
    } catch {
      return false
    }
  })
}
