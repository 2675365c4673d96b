import assert from 'node:assert/strict'

import { importTasks, spawn } from 'offloop'

class Account {
  #balance
  constructor(balance) {
    this.#balance = balance
  }
  deposit(amount) {
    if (!(amount > 0)) throw new RangeError('no')
    return (this.#balance += amount)
  }
  end() {
    process.exit(3)
  }
}

const work = importTasks(new URL('./work.mjs', import.meta.url))

export default {
  'asks, tells and errors': async () => {
    const account = spawn(Account, [100])
    assert.equal(await account.ask.deposit(20), 120)
    await account.tell.deposit(5)
    await assert.rejects(account.ask.deposit(-1), { name: 'RangeError' })
    assert.equal(await account.ask.deposit(5), 130)
    await account.close()
  },
  'a class of a module': async () => {
    const counter = spawn(work.Counter)
    assert.equal(await counter.ask.add(2), 2)
    assert.equal(await counter.ask.add(3), 5)
    await counter.close()
  },
  'started again after its worker died': async () => {
    const account = spawn(Account, [1], { restart: true })
    assert.equal(await account.ask.deposit(1), 2)
    await assert.rejects(account.ask.end())
    assert.equal(await account.ask.deposit(1), 2)
    await account.close()
  },
}
