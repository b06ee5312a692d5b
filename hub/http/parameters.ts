import { Type } from '@sinclair/typebox'

/** Shapes of parameters that several operations take. Everything in a query is text; numbers are checked by pattern. */
export const idText = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
export const idParams = Type.Object({ id: idText })
export const countText = Type.String({ pattern: '^[0-9]{1,15}$' })
export const pageQuery = { limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })), cursor: Type.Optional(Type.String({ maxLength: 500 })) }

const maxPage = 500

/** The asked page size, 50 without a wish, 500 at most. */
export const pageSize = (limit: string | undefined): number => Math.min(Math.max(Number(limit ?? '50'), 1), maxPage)
