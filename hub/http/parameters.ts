import { Type } from '@sinclair/typebox'
import { uuidPattern } from '../../schemas/ids.js'

/** Shapes of parameters that several operations take. Everything in a query is text; numbers are checked by pattern. Examples run on the demo chain. */
export const idText = (description: string, ...examples: readonly string[]) => Type.String({ pattern: uuidPattern, description, ...(examples.length === 0 ? {} : { examples }) })
export const messageParams = Type.Object({ id: idText('The `messageId` that the answer to the message gave; listMessages has them all.') })
export const partyParams = Type.Object({ id: idText('The id of a golden party, or of one that was merged into it.', '7402fa05-960f-88e6-8b0e-408f1f6869eb') })
export const threadParams = Type.Object({ id: idText('One of the `threadIds` of a document.', '08c38b2d-e896-8b1a-bc55-642146abb5a3') })

export const journalText = Type.String({ pattern: '^[0-9]{1,15}$', description: 'Waits, 10 s at most, until the answer knows of this journal number.', examples: ['1'] })
export const limitText = Type.String({ pattern: '^[0-9]{1,4}$', description: 'How many items a page has: 50 without it, 500 at most.', examples: ['2'] })
export const cursorText = Type.String({ maxLength: 500, description: 'The `next` of the page before.' })
export const countCursor = Type.String({ pattern: '^[0-9]{1,15}$', description: 'The `next` of the page before.' })

const maxPage = 500

/** The asked page size, 50 without a wish, 500 at most. */
export const pageSize = (limit: string | undefined): number => Math.min(Math.max(Number(limit ?? '50'), 1), maxPage)
