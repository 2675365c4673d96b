import type { Inhabitant } from './inhabitant.ts'
import type { Line } from './line.ts'
import { MailboxActor } from './mailbox-actor.ts'
import { verdict } from './messages.ts'
import type { Entry, Recipe } from './messages.ts'
import { MethodActor } from './method-actor.ts'

type CallEntry = Extract<Entry, readonly ['call', ...unknown[]]>

/** The actors that live in this thread. */
const inhabitants = new Map<number, Inhabitant>()

let context: unknown

/** What `currentTask().context` gives in actors here. */
export function setContext(given: unknown): void {
  context = given
}

/** What is said to actors here; whether it was that. A call to one that is not here is left to `absent`. */
export function hearAsHost(line: Line, entry: Entry, absent: (line: Line, entry: CallEntry) => boolean): boolean {
  switch (entry[0]) {
    case 'call': {
      const [, actor, call, method, args, packed, wants] = entry
      const inhabitant = inhabitants.get(actor)
      if (inhabitant !== undefined) inhabitant.deliver({ line, call, method, args, packed, wants, cancelled: false })
      else if (!absent(line, entry)) line.post(['reply', call, verdict.gone, undefined])
      return true
    }
    case 'cancel':
      inhabitants.get(entry[1])?.cancel(line, entry[2], entry[3])
      return true
    case 'count':
      inhabitants.get(entry[1])?.count(line, entry[2])
      return true
    case 'create':
      create(line, entry[1])
      return true
    case 'go':
      inhabitants.get(entry[1])?.go(entry[2], entry[3])
      return true
    case 'close':
      inhabitants.get(entry[1])?.close()
      return true
    case 'remove':
      inhabitants.get(entry[1])?.remove()
      inhabitants.delete(entry[1])
      return true
    default:
      return false
  }
}

/** Its other end is gone. */
export function forgetLine(line: Line): void {
  for (const inhabitant of inhabitants.values()) inhabitant.forget(line)
}

function create(boss: Line, recipe: Recipe): void {
  const Form = recipe.form === 'methods' ? MethodActor : MailboxActor
  const inhabitant = new Form(boss, recipe, context)
  inhabitants.set(recipe.id, inhabitant)
  inhabitant.start()
}
