/** The zone of Weir's own that operators point `_acme-challenge` names to. */
export function validationZone(dnsSuffix: string): string {
  return `acm-validations.${dnsSuffix}`
}
