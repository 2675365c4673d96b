/** Ends this worker. A thread's output waits for its reader, a line at a time: it goes first. */
export function leave(): void {
  const streams = [process.stdout, process.stderr].filter(({ writableLength }) => writableLength > 0)
  let left = streams.length
  if (left === 0) process.exit()
  for (const stream of streams) {
    stream.write('', () => {
      if (--left === 0) process.exit()
    })
  }
}
