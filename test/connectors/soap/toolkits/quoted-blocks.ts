export interface QuotedBlock {
  /** The file that the last link before the block names. */
  readonly file: string
  readonly text: string
}

/** The code blocks of a Markdown page, each with the file that it quotes. */
export const quotedBlocks = (page: string): readonly QuotedBlock[] => {
  const blocks: QuotedBlock[] = []
  let file = ''
  for (const { groups } of page.matchAll(/\]\((?:[^()\s]*\/)?(?<link>[\w.-]+)\)|^```\w+\n(?<code>[^]*?)^```$/gm)) {
    if (groups?.['link'] !== undefined) file = groups['link']
    if (groups?.['code'] !== undefined) blocks.push({ file, text: groups['code'] })
  }
  return blocks
}

/** The text without the space in front that all its lines share, and without empty lines at its ends. */
export const dedented = (text: string): string => {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(indent)).join('\n')
}

/** Whether a block's lines stand in the file one after the other, whatever their common indent. */
export const isQuotedFrom = (block: string, source: string): boolean => {
  const wanted = dedented(block)
  const count = wanted.split('\n').length
  const lines = source.split('\n')
  return lines.some((_, index) => dedented(lines.slice(index, index + count).join('\n')) === wanted)
}
