// A PNG file of 8-bit RGB needs a header, zlib and a checksum: less code here than a dependency would be.
// The format: W3C, Portable Network Graphics, 3rd edition, sections 5 and 11.
import { promisify } from 'node:util'
import { crc32, deflate } from 'node:zlib'

/**
 * Compresses on Node's own threads.
 *
 * @param rgb Three bytes a pixel, row after row.
 */
export async function encodePng(width, height, rgb) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits a sample, colour type 2 (RGB), and the only methods of compression, filter and interlace that are plain.
  header.set([8, 2, 0, 0, 0], 8)
  const stride = width * 3
  const rows = Buffer.alloc((stride + 1) * height)
  for (let row = 0; row < height; row++)
    rows.set(rgb.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = await promisify(deflate)(rows, { level: 6 })
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
