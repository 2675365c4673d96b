// How large the package may be, in bytes.
'use strict'

const MB = 1024 * 1024
module.exports = {
  /** One native binary, stripped. Three copies of each kernel, for as many CPU levels, are what x64 consists of. */
  binary: 6 * MB,
  /** All of them together, on the disk of who installs the package. */
  installed: 34 * MB,
}
