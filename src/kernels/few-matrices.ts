// Small matrices in JavaScript, for the synchronous form.
import { NDArray } from '../ndarray.ts'
import { arrayClass, dtypeOf, lengthOf } from '../typed-array.ts'

/** From here on a call into native code is faster. */
const most = 128

/** The transpose of a matrix; undefined for other arguments. */
export function fewTransposed([x]: readonly unknown[]): NDArray | undefined {
  if (!(x instanceof NDArray) || !Object.isFrozen(x.shape) || !Object.isFrozen(x.strides)) return undefined
  const { data, shape, strides, offset } = x
  if (shape.length !== 2) return undefined
  const [rows, columns] = shape
  const [down, along] = strides
  const size = rows * columns
  const dtype = dtypeOf(data)
  if (dtype === undefined || size === 0 || size > most || down < 0 || along < 0) return undefined
  // It was checked when it was made, but arrays can be detached.
  if (offset + (rows - 1) * down + (columns - 1) * along >= lengthOf(data)) return undefined
  const turned = new (arrayClass(dtype))(size)
  for (let i = 0, to = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) turned[to++] = data[offset + i * along + j * down]
  }
  return new NDArray(turned, [columns, rows])
}
