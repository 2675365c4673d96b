/** Answers each line with what is closest to it. A line that comes while another is looked up takes its place. */
export async function answerLines(prompt, dictionary, options, write) {
  let previous = new AbortController()
  let answered = Promise.resolve()
  prompt.setPrompt('> ')
  prompt.prompt()
  for await (const line of prompt) {
    previous.abort()
    previous = new AbortController()
    const { signal } = previous
    answered = answer(line.trim(), signal).catch((error) => {
      if (!signal.aborted) throw error
    })
    if (!prompt.terminal) await answered
  }
  await answered

  async function answer(word, signal) {
    if (word !== '') {
      const start = performance.now()
      const [[matches], counts] = await Promise.all([
        dictionary.suggest([word], { ...options, signal }),
        dictionary.countByDistance(word, { ...options, signal }),
      ])
      const milliseconds = (performance.now() - start).toFixed(0)
      const text = matches.map(({ name, distance }) => `${name} (${distance})`).join(', ') || 'nothing is like it'
      write(`${text}\n  within 0, 1, … edits: ${counts.join(', ')}; ${milliseconds} ms\n`)
    }
    prompt.prompt()
  }
}
