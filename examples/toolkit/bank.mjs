// Transfers between accounts, each under the locks of both. Whoever takes two locks takes the one of the lower number
// first, so that nobody can wait in a circle. No money is made or lost.
import { Lock, Pool, alloc } from 'offloop'

const accounts = 20
const balances = alloc(Int32Array, accounts).fill(1000)
const locks = Array.from({ length: accounts }, () => new Lock())

function transfer(balances, locks, count, seed) {
  let state = seed
  const draw = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  let refused = 0
  for (let i = 0; i < count; i++) {
    const from = draw(locks.length)
    const to = (from + 1 + draw(locks.length - 1)) % locks.length
    const amount = draw(200)
    const first = locks[Math.min(from, to)].acquireSync()
    const second = locks[Math.max(from, to)].acquireSync()
    if (balances[from] < amount) refused++
    else {
      balances[from] -= amount
      balances[to] += amount
    }
    second.release()
    first.release()
  }
  return refused
}

const pool = new Pool({ workers: 4 })
const clerks = [1, 2, 3, 4].map((seed) => pool.submit(transfer, balances, locks, 5000, seed))
const refused = (await Promise.all(clerks)).reduce((sum, each) => sum + each, 0)
const total = balances.reduce((sum, each) => sum + each, 0)
await pool.close()

console.log(`20000 transfers, ${refused} refused; ${total} in all accounts`)
if (total !== accounts * 1000 || balances.some((each) => each < 0)) throw new Error('money was made or lost')
