export const square = (x) => x * x
export function fail() {
  throw new RangeError('as asked')
}
export class Counter {
  #n = 0
  add(x) {
    return (this.#n += x)
  }
}
