// A way for a function that runs in a worker to talk with whoever started it: what is neither an argument nor a result.

let send: ((content: unknown) => void) | undefined
let receive: ((content: unknown) => void) | undefined
const waiting: unknown[] = []

/** The runner's: where mail goes out. */
export function connectMail(out: (content: unknown) => void): void {
  send = out
}

/** The runner's: mail that has come. It waits for whoever opens the box. */
export function deliver(content: unknown): void {
  if (receive === undefined) waiting.push(content)
  else receive(content)
}

/** Takes what has come and what will come. */
export function openMail(receiver: (content: unknown) => void): void {
  receive = receiver
  for (const content of waiting.splice(0)) receiver(content)
}

export function sendMail(content: unknown): void {
  send?.(content)
}
