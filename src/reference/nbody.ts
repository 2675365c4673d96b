import type { Reference } from './reference.ts'

/**
 * Accelerations by gravity, in the order of bodies: scalars are the constant and the square of the softening length. A
 * pair at distance 0, or at an infinite one, has no force. As native/kernels/nbody.cc, but that roots are exactly
 * rounded here and nothing is fused: the tolerance is (n + 16) roundings of the sum of the terms' sizes.
 */
export const nbodyReference: Reference = {
  prepare({ inputs }) {
    const [n] = inputs[1].shape
    if (n === 0) return { phases: [] }
    return {
      phases: [{ blocks: Math.ceil(n / packedBodies) }, { blocks: Math.ceil(n / rowsOf(n)) }],
      scratchBytes: 4 * n * 8,
    }
  },

  runBlock({ inputs, outputs, scalars, scratch }, phase, index) {
    const [positions, masses] = inputs
    const [n] = masses.shape
    const [x, y, z, mass] = [0, 1, 2, 3].map((column) => new Float64Array(scratch, column * n * 8, n))
    const [constant, softening] = scalars
    if (phase === 0) {
      const data = positions.data as Float64Array
      const [step, axis] = positions.strides
      const last = Math.min(n, (index + 1) * packedBodies)
      for (let i = index * packedBodies; i < last; i++) {
        const at = positions.offset + i * step
        x[i] = data[at]
        y[i] = data[at + axis]
        z[i] = data[at + 2 * axis]
        mass[i] = constant * (masses.data as Float64Array)[masses.offset + i * masses.strides[0]]
      }
      return
    }
    const [output] = outputs
    const rows = rowsOf(n)
    const sums = new Float64Array(3)
    const last = Math.min(n, (index + 1) * rows)
    for (let i = index * rows; i < last; i++) {
      attract(x, y, z, mass, i, softening, sums)
      for (let axis = 0; axis < 3; axis++) {
        output.data[output.offset + i * output.strides[0] + axis * output.strides[1]] = sums[axis]
      }
    }
  },
}

const packedBodies = 4096

/** Bodies of a block: about a million pairs. */
function rowsOf(n: number): number {
  return Math.max(1, Math.floor(2 ** 20 / n))
}

function attract(
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  mass: Float64Array,
  i: number,
  softening: number,
  sums: Float64Array,
): void {
  let ax = 0
  let ay = 0
  let az = 0
  const [xi, yi, zi] = [x[i], y[i], z[i]]
  for (let j = 0; j < x.length; j++) {
    const dx = x[j] - xi
    const dy = y[j] - yi
    const dz = z[j] - zi
    const square = dx * dx + (dy * dy + (dz * dz + softening))
    if (square === 0 || square === Infinity) continue
    const pull = mass[j] / (square * Math.sqrt(square))
    ax += pull * dx
    ay += pull * dy
    az += pull * dz
  }
  sums[0] = ax
  sums[1] = ay
  sums[2] = az
}
