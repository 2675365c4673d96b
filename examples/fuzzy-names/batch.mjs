/** So many words are looked up together: enough for all threads, few enough that memory does not grow with the input. */
const together = 500

/** Reads words, one a line, and writes each with what is closest: `word, name, distance`, tabs between them. */
export async function correctAll(lines, dictionary, options, write) {
  let words = []
  for await (const line of lines) {
    if (line.trim() !== '') words.push(line.trim())
    if (words.length === together) {
      await correct(words)
      words = []
    }
  }
  if (words.length > 0) await correct(words)

  async function correct(some) {
    const found = await dictionary.suggest(some, { ...options, count: 1 })
    const rows = some.map((word, i) => [word, found[i][0]?.name ?? '', found[i][0]?.distance ?? ''].join('\t'))
    write(`${rows.join('\n')}\n`)
  }
}
