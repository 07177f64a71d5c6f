import { ApiError } from './errors.ts'
import type { Parameter } from './form.ts'

/** Parameters by the segments of their dotted names: `A.member.1=x` is A → member → 1, with the value at the end. */
export interface ParameterNode {
  value: string | undefined
  /** A Map, so that no name reaches an object's prototype and no number allocates. */
  readonly children: Map<string, ParameterNode>
}

/** The largest call of the APIs names 1,000 instances or 1,000 filter values; no client comes near this. */
export const maxParameters = 10_000

/** EC2's deepest input has 10 levels, of which each can be a list: two segments. */
export const maxNameSegments = 24

/** @throws ApiError `MalformedInput` for a name sent twice, too many parameters or too deep a name. */
export function parameterTree(parameters: readonly Parameter[]): ParameterNode {
  if (parameters.length > maxParameters) {
    throw new ApiError('MalformedInput', `More than ${maxParameters} parameters`)
  }
  const root = emptyNode()
  for (const [name, value] of parameters) {
    const segments = name.split('.', maxNameSegments + 1)
    if (segments.length > maxNameSegments) {
      throw new ApiError('MalformedInput', `A parameter's name has over ${maxNameSegments} parts`)
    }
    const node = descend(root, segments)
    if (node.value !== undefined) {
      throw new ApiError('MalformedInput', `Parameter ${name} is given twice`)
    }
    node.value = value
  }
  return root
}

/** A list's items by number, in order; gaps close up. Keys that are no numbers come back in `others`. */
export function numbered(node: ParameterNode): { items: ParameterNode[]; others: string[] } {
  const items: { index: number; node: ParameterNode }[] = []
  const others: string[] = []
  for (const [key, child] of node.children) {
    if (/^\d{1,10}$/.test(key)) items.push({ index: Number(key), node: child })
    else others.push(key)
  }
  items.sort((a, b) => a.index - b.index)
  return { items: items.map((item) => item.node), others }
}

function descend(root: ParameterNode, segments: readonly string[]): ParameterNode {
  let node = root
  for (const segment of segments) {
    let child = node.children.get(segment)
    if (child === undefined) {
      child = emptyNode()
      node.children.set(segment, child)
    }
    node = child
  }
  return node
}

function emptyNode(): ParameterNode {
  return { value: undefined, children: new Map() }
}
