/** Texts that were met before, by their traces alone: it may take one for met that was not, and never the reverse (B. H. Bloom, Space/Time Trade-offs in Hash Coding, 1970). */
export interface NumberFilter {
  /** Adds the text; false where it surely was not there before. */
  readonly meet: (text: string) => boolean
  /** Whether so many are in it that it is often wrong. */
  readonly isFull: () => boolean
}

/** Bits a text that keep wrong answers below 3 % with three traces each. */
const bitsEach = 8
const leastBits = 2 ** 25

/** For `expected` texts and as many again; at least 4 MiB, which are good for four million. */
export const makeNumberFilter = (expected: number): NumberFilter => {
  let bits = leastBits
  while (bits < expected * 2 * bitsEach) bits *= 2
  const words = new Uint32Array(bits / 32)
  let count = 0
  const mark = (place: number): boolean => {
    const [word, bit] = [place >>> 5, 1 << (place & 31)]
    const before = words[word] ?? 0
    words[word] = before | bit
    return (before & bit) !== 0
  }
  return {
    meet: (text) => {
      const [first, step] = [traceOf(text, 0x811c9dc5), traceOf(text, 0x9747b28c) | 1]
      let met = true
      // Kirsch and Mitzenmacher, Less Hashing, Same Performance, 2006: two traces make all others.
      for (let at = 0; at < 3; at++) if (!mark(((first + Math.imul(step, at)) >>> 0) % bits)) met = false
      if (!met) count += 1
      return met
    },
    isFull: () => count * bitsEach > bits,
  }
}

/** FNV-1a over UTF-16 units, its bits mixed at the end as MurmurHash3 does. */
const traceOf = (text: string, seed: number): number => {
  let trace = seed
  for (let at = 0; at < text.length; at++) trace = Math.imul(trace ^ text.charCodeAt(at), 0x01000193)
  trace = Math.imul(trace ^ (trace >>> 16), 0x85ebca6b)
  trace = Math.imul(trace ^ (trace >>> 13), 0xc2b2ae35)
  return (trace ^ (trace >>> 16)) >>> 0
}
