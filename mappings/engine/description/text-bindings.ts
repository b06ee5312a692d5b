import type { TextBinding } from '../text-binding.js'
import { makeCsvBinding } from './csv-binding.js'
import type { Description } from './description.js'
import { makeFixedBinding } from './fixed-binding.js'
import { makeSegmentsBinding } from './segments-binding.js'

/** What turns the texts of a described language into trees and back; undefined where it is of XML or JSON alone. */
export const makeTextBinding = (language: string, description: Description): TextBinding | undefined => {
  if (description.csv !== undefined) return makeCsvBinding(language, description, description.csv)
  if (description.segments !== undefined) return makeSegmentsBinding(language, description, description.segments)
  return description.fixed === undefined ? undefined : makeFixedBinding(language, description, description.fixed)
}
