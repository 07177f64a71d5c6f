/** What IAM's model asks of members that several operations have. */
import { atLeast, atMost, check, maxLength, minLength, pattern } from '../wire/constraints.ts'

export const certificateName = [minLength(1), maxLength(128), pattern(/^[\w+=,.@-]+$/)]

/** A slash, or what begins and ends with one. */
export const certificatePath = [
  minLength(1),
  maxLength(512),
  pattern(/^(\u002F|\u002F[\u0021-\u007E]+\u002F)$/),
]

export const pathPrefix = [minLength(1), maxLength(512), pattern(/^\u002F[\u0021-\u007F]*$/)]

/** The default of `MaxItems`. */
const pageSize = 100

interface PageRequest {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export const pageViolations = ({ MaxItems }: PageRequest) =>
  check('maxItems', MaxItems, atLeast(1), atMost(1000))

export const pageOf = ({ Marker, MaxItems }: PageRequest) => ({
  marker: Marker,
  limit: MaxItems ?? pageSize,
})
