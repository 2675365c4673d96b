// How large the package may be, in bytes.
'use strict'

const MB = 1024 * 1024
module.exports = {
  /** One native binary, stripped. Up to three copies of each kernel, for as many CPU levels, are what x64 consists of. */
  binary: 4 * MB,
  /** All of them together, on the disk of who installs the package. */
  installed: 22 * MB,
  /** The same compressed, as npm fetches them. The rest of the package has one more. */
  packed: 11 * MB,
}
