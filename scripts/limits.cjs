// How large the package may be, in bytes.
'use strict'

const MB = 1024 * 1024
module.exports = {
  /** One native binary, stripped. */
  binary: 2 * MB,
  /** All of them together, on the disk of who installs the package. */
  installed: 12 * MB,
}
