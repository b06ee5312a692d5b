/**
 * The offer that an Accept header likes best (RFC 9110, section 12.5.1): the more specific range decides an offer's weight,
 * and the earlier of two equal offers wins. The first offer where the header is missing or likes none.
 */
export const chooseMediaType = <T extends string>(accept: string | undefined, offers: readonly [T, ...T[]]): T => {
  if (accept === undefined) return offers[0]
  const ranges = accept.split(',').map(readRange)
  let best: { readonly offer: T; readonly weight: number } = { offer: offers[0], weight: 0 }
  for (const offer of offers) {
    const weight = weightOf(offer, ranges)
    if (weight > best.weight) best = { offer, weight }
  }
  return best.offer
}

interface MediaRange {
  readonly range: string
  /** From 0 to 1. */
  readonly weight: number
}

const readRange = (text: string): MediaRange => {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.map((parameter) => /^q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.exec(parameter)?.[1]).find((found) => found !== undefined)
  return { range, weight: quality === undefined ? 1 : Number(quality) }
}

const weightOf = (offer: string, ranges: readonly MediaRange[]): number => {
  for (const wanted of [offer, `${offer.slice(0, offer.indexOf('/'))}/*`, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted)
    if (found !== undefined) return found.weight
  }
  return 0
}
