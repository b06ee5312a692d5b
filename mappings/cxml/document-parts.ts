import type { Node } from '../../schemas/node.js'

/** A canonical document, or an object of it, while it is being made. */
export type Draft = Record<string, unknown>

export const isDraft = (value: unknown): value is Draft => typeof value === 'object' && value !== null && !Array.isArray(value)
export const draftsOf = (value: unknown): readonly Draft[] => (Array.isArray(value) ? value.filter(isDraft) : [])
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const childrenOf = (node: Node | undefined, name: string): readonly Node[] => node?.children.filter((child) => child.name === name) ?? []
