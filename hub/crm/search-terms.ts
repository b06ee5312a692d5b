import type { Party } from '../../schemas/canonical/common.js'

const longestTerm = 100

/** Where a name may begin to be typed: at each word, and at each character of scripts that are written without spaces. */
const wordStart = /(?<![\p{L}\p{N}])[\p{L}\p{N}]|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu

const foldCase = (text: string): string => text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ')

const clipped = (term: string): string => Array.from(term.slice(0, longestTerm * 2)).slice(0, longestTerm).join('')

const termsOfName = (name: string): readonly string[] => {
  const folded = clipped(foldCase(name))
  return [...folded.matchAll(wordStart)].map(({ index }) => folded.slice(index))
}

/** What a search may begin with to find this party: its names from every word on, and its identifiers. */
export const searchTermsOf = (party: Party): readonly string[] => {
  const names = [...(party.names ?? []).map(({ value }) => value), ...(party.legalName === undefined ? [] : [party.legalName])]
  const identifiers = (party.identifiers ?? []).map(({ value }) => clipped(foldCase(value)))
  return [...new Set([...names.flatMap(termsOfName), ...identifiers])]
}

/** A search text as the terms are spelled. */
export const searchTextOf = (typed: string): string => clipped(foldCase(typed))
