import { Actor, importTasks, spawn } from 'offloop'
import type { ActorExit, ActorRef, Mailbox, MailboxRef, Task } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

import type * as Tasks from './fixtures/work.js'

const work = importTasks<typeof Tasks>(new URL('file:///work.js'))

class Account {
  owner = 'me'
  #balance = 0
  private secret() {
    return this.#balance
  }
  protected hidden() {
    return this.secret()
  }
  constructor(start: number) {
    this.#balance = start
  }
  get balance() {
    return this.hidden()
  }
  deposit(amount: number, note?: string) {
    return note === undefined ? amount : String(amount)
  }
  async later(): Promise<string[]> {
    return []
  }
}

class Adder extends Actor<number, string> {
  async run() {
    expectTypeOf(this.mailbox).toEqualTypeOf<Mailbox<number>>()
    return 'sum'
  }
}

describe('types of actors', () => {
  it('methods are messages', () => {
    const account = spawn(Account, [1])
    expectTypeOf(account).toEqualTypeOf<ActorRef<Account>>()
    expectTypeOf(account.ask.deposit(1, 'x')).toEqualTypeOf<Task<string | number>>()
    expectTypeOf(account.ask.later()).toEqualTypeOf<Task<string[]>>()
    expectTypeOf(account.tell.deposit(1)).toEqualTypeOf<Promise<void>>()
    expectTypeOf(account.with({ timeout: 1 }).ask.later()).toEqualTypeOf<Task<string[]>>()
    expectTypeOf(account.join()).toEqualTypeOf<Promise<ActorExit>>()
    expectTypeOf<keyof typeof account.ask>().toEqualTypeOf<'deposit' | 'later'>()
    expectTypeOf<keyof typeof account.tell>().toEqualTypeOf<'deposit' | 'later'>()
  })

  it('arguments are those of the class', () => {
    const account = spawn(Account, [1], { mailbox: 1 })
    // @ts-expect-error a string is no number
    void account.ask.deposit('x')
    // @ts-expect-error a constructor with parameters needs its arguments
    void spawn(Account)
    // @ts-expect-error a string is no number
    void spawn(Account, ['x'])
    // @ts-expect-error a function is no class
    void spawn(() => 1)
    // @ts-expect-error there is no such strategy
    void spawn(Account, [1], { restart: 'again' })
  })

  it('classes of modules are typed as they are', () => {
    const greeter = spawn(work.Greeter, ['hi'])
    expectTypeOf(greeter.ask.greet('you')).toEqualTypeOf<Task<string>>()
  })

  it('an Actor knows its messages and its result', () => {
    const adder = new Adder().start({ restart: true })
    expectTypeOf(adder).toEqualTypeOf<Adder>()
    expectTypeOf(adder.send(1)).toEqualTypeOf<Promise<void>>()
    expectTypeOf(adder.join()).toEqualTypeOf<Promise<string>>()
    expectTypeOf(adder.ref).toEqualTypeOf<MailboxRef<number>>()
    // @ts-expect-error a string is no number
    void adder.send('x')
  })
})
