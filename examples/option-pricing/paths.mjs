// The worker's side: simulates some of the paths. The geometric Brownian motion of each takes `steps` random numbers.
import { random } from 'offloop'

/**
 * Writes what each path of a block pays, discounted, into `paid`. The block's number chooses its random numbers, so it
 * does not matter which worker simulates it, nor how many workers there are.
 */
export function simulate(option, seed, { number, from, count }, paid, control) {
  const { of, side, strike, spot, rate, volatility, years, steps } = option
  const drift = ((rate - volatility ** 2 / 2) * years) / steps
  const width = volatility * Math.sqrt(years / steps)
  const discount = Math.exp(-rate * years)
  const pays = (price) => discount * Math.max(0, side * (price - strike))
  const normals = random.normal.sync(count * steps, { seed, stream: number })
  for (let path = 0; path < count; path++) {
    let [log, logs, prices] = [Math.log(spot), 0, 0]
    for (let step = 0; step < steps; step++) {
      log += drift + width * normals[path * steps + step]
      logs += log
      if (of === 'arithmetic') prices += Math.exp(log)
    }
    if (of === 'last') paid[from + path] = pays(Math.exp(log))
    else if (of === 'geometric') paid[from + path] = pays(Math.exp(logs / steps))
    else {
      paid[from + path] = pays(prices / steps)
      control[from + path] = pays(Math.exp(logs / steps))
    }
  }
}
