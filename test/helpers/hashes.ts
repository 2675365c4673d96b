import { createHash } from 'node:crypto'

/** The bytes 0, 1, … 250, 0, 1, … of the published vectors. */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251)
}

/** BLAKE3's own test vectors (BLAKE3-team/BLAKE3, test_vectors/test_vectors.json): length, first 32 bytes of the hash. */
export const blake3Vectors: Readonly<Record<number, string>> = {
  0: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
  1: '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213',
  2: '7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63',
  3: 'e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f',
  4: 'f30f5ab28fe047904037f77b6da4fea1e27241c5d132638d8bedce9d40494f32',
  5: 'b40b44dfd97e7a84a996a91af8b85188c66c126940ba7aad2e7ae6b385402aa2',
  6: '06c4e8ffb6872fad96f9aaca5eee1553eb62aed0ad7198cef42e87f6a616c844',
  7: '3f8770f387faad08faa9d8414e9f449ac68e6ff0417f673f602a646a891419fe',
  8: '2351207d04fc16ade43ccab08600939c7c1fa70a5c0aaca76063d04c3228eaeb',
  63: 'e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b',
  64: '4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98',
  65: 'de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee',
  127: 'd81293fda863f008c09e92fc382a81f5a0b4a1251cba1634016a0f86a6bd640d',
  128: 'f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef',
  129: '683aaae9f3c5ba37eaaf072aed0f9e30bac0865137bae68b1fde4ca2aebdcb12',
  1023: '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11',
  1024: '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7',
  1025: 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444',
  2048: 'e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a',
  2049: '5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030',
  3072: 'b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2',
  3073: '7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3',
  4096: '015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969',
  4097: '9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995',
  5120: '9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833',
  5121: '628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff',
  6144: '3e2e5b74e048f3add6d21faab3f83aa44d3b2278afb83b80b3c35164ebeca205',
  6145: 'f1323a8631446cc50536a9f705ee5cb619424d46887f3c376c695b70e0f0507f',
  7168: '61da957ec2499a95d6b8023e2b0e604ec7f6b50e80a9678b89d2628e99ada77a',
  7169: 'a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817',
  8192: 'aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63',
  8193: 'bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b',
  16384: 'f875d6646de28985646f34ee13be9a576fd515f76b5b0a26bb324735041ddde4',
  31744: '62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47',
  102400: 'bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085',
}

/** What libxxhash 0.8 gives for `counting(length)`: length, XXH3_64bits, XXH3_128bits; without a seed. */
export const xxh3Vectors: readonly (readonly [length: number, narrow: string, wide: string])[] = [
  [0, '2d06800538d394c2', '99aa06d3014798d86001c324468d497f'],
  [1, 'c44bdff4074eecdb', 'a6cd5e9392000f6ac44bdff4074eecdb'],
  [2, 'd6645fc3051a9457', '6a4a5274c1b0d3add6645fc3051a9457'],
  [3, '5f4299fc161c9cbb', 'e3b55f57945a17cf5f4299fc161c9cbb'],
  [4, '60dab036a58211f2', 'eb70bf5fc779e9e6a6111d53e80a3db5'],
  [5, 'b075753a84ca0fbe', '9434532106a7c141c920d2347a85929b'],
  [8, '3a1c2d7c85af88f8', 'e1e4432a62217fe4cfd50c61c8bb98c1'],
  [9, 'e9612598145bb9dc', '16c769d83e4aebce907931979dca3746'],
  [16, '8355e3a6f61770db', '72950631827607e2842812cc870dcae2'],
  [17, '9ef341a99de37328', '685bc458b37d057fc06e233df7729217'],
  [32, '3523581fe96e4c05', '25e7c9b3424ceed2457d9566b6fcd697'],
  [33, 'e68c56ba88991e58', '02175c3aabb00637e08d84951339de86'],
  [64, '6187eb9089b0ed55', '9c6e140a465545e590c1971ddb04ce74'],
  [65, '6928c76ce90422d0', 'ebedf05eeadc28f11aee64a1615de88f'],
  [96, '278a3e12ea046dfb', 'c57556e9ccb97efa6e53ab55b4f5558b'],
  [97, 'e7220282dc4e14f4', '9b09227e063da5a25b3284a61f91e97d'],
  [128, '85c6174c7ff4c46b', '14792fc3af88dc6c05321a0b64d67b41'],
  [129, 'ec7642b431ba3e5a', 'dd5e74ac6b45f54ebc30b63382b09a3b'],
  [160, '5bea9075ec9401b8', '4e95c1cd6dc7bb85c67fcd13c31b09f4'],
  [239, '972b14e3c46f214b', '9843ab31a06be0dffe21374628fcc539'],
  [240, '375a384d957fe865', '65b5be86da5540e7c92b68e16f83bbb6'],
  [241, '02e8cd95421c6d02', '1da1cb61bcb8a2a102e8cd95421c6d02'],
  [255, '074191baf9c49567', '65652759c081c563074191baf9c49567'],
  [512, '5c021aac13954143', '5884ea91ad7102d75c021aac13954143'],
  [1024, 'e5d78bafa45b2aa5', 'd0ac1f7b93bf57b9e5d78bafa45b2aa5'],
  [1025, 'e95c42288f28186e', '2882ebca04ec915ce95c42288f28186e'],
  [2048, '25339063db861586', 'a5141efedfefc1af25339063db861586'],
  [2099, '1af90e6ba5ad41b9', '0634e63465843d861af90e6ba5ad41b9'],
  [20000, '1d7286988c9c84ad', '80f2a30f4e268b1d1d7286988c9c84ad'],
]

/** The same with the seed 0x9e3779b185ebca8d, that of libxxhash's own checks. */
export const xxh3Seed = 0x9e3779b185ebca8dn
export const xxh3SeededVectors: readonly (readonly [length: number, narrow: string, wide: string])[] = [
  [0, 'a8a6b918b2f0364a', '00feaa732a3ce25ea986dfc5d7605bfe'],
  [1, '032be332dd766ef8', '20e49abcc53b3842032be332dd766ef8'],
  [2, 'bea01b268f867bf4', 'd341c6e376b73841bea01b268f867bf4'],
  [3, '1a6e223be5f46239', '05a6aa16b11fad251a6e223be5f46239'],
  [4, '305fb4c44f8d6951', '57d12f28cf1c845d3e5a7c14bde8fb64'],
  [5, '90717f60e06fdf82', '2e565a13c481e87086c9c3c0c0ce34df'],
  [8, 'ce514adfb5603640', 'ac54db92d3b6a1f59ab168e5c7e5cca6'],
  [9, 'defb5a4d8e24da5b', 'e2b0ac6ba5b78c34ea1ecf52f0229efc'],
  [16, '39b05b5e53840a8f', '1b5f34dbed11a4ac1404ca89c1ef2171'],
  [17, '290132b0798b2853', 'e05e1acbd736cb2115a3b1eb123d655f'],
  [32, '17eb748080355380', 'b47f7b6775b98f16cc7da35a1ae05a7a'],
  [33, '37fa4b8bc3970fd4', '8744fba1c996a4e19b2018bf39b8002f'],
  [64, '4823512b5372df55', '20ca4b4033d91e572722c789c31b91f7'],
  [65, '1eb2df4234b42692', '7d1bb4ff04897c271849ab32d664b5f9'],
  [96, '4147d44873bfc5d7', '65e51334b946a3e2bdf10bd22494af4d'],
  [97, '3220fccf6b55d943', 'e54f9f511d883462fb568cbf2c64baf6'],
  [128, '3b87a094e01c19ee', 'ac350d3b016ed8ababff37b483ae7860'],
  [129, '7d07ba727c76f7ba', 'f0bbb8b30a5511649158cd258aeb6812'],
  [160, '41a28e2571c5e06c', '0ce880042eac399dc5b806f2da0d66f9'],
  [239, '9674ccac07a6f6cd', 'dcd7f56865a13b929ce5b1fa8dcd6756'],
  [240, '331d5d4af197fb6b', 'dc736c9115f6a6fe789f011f76476005'],
  [241, '1f049462ca4edf9a', '6851e7328f9290e11f049462ca4edf9a'],
  [255, '20f828b8ed6a6175', '00e76bc1d11eb8cc20f828b8ed6a6175'],
  [512, '78bc75f6eb42f04e', '74844c09052d6d0c78bc75f6eb42f04e'],
  [1024, '9410196a581ccd0e', 'b8ac574e6940cd019410196a581ccd0e'],
  [1025, '0eb328f6e3cca019', '971d41e9149a41740eb328f6e3cca019'],
  [2048, 'b5fa522519d15769', '2056fa20b5eb706eb5fa522519d15769'],
  [2099, 'ae13a798ffcd5b76', '96b6371be34fe6d5ae13a798ffcd5b76'],
  [20000, 'eaaf3b05a544f065', '0b0e4e31c9e0f5fbeaaf3b05a544f065'],
]

/** CRC-32C bit by bit, as RFC 3720 defines it. */
export function crc32cOf(data: Uint8Array): string {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return (~crc >>> 0).toString(16).padStart(8, '0')
}

export function sha256Of(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** BLAKE3 as its paper defines it: by recursion over the tree, one word at a time. */
export function blake3Of(data: Uint8Array): string {
  const out = Buffer.alloc(32)
  subtree(data, 0, true).forEach((word, i) => out.writeUInt32LE(word, 4 * i))
  return out.toString('hex')
}

function subtree(data: Uint8Array, firstChunk: number, root: boolean): number[] {
  if (data.length <= 1024) return chunk(data, firstChunk, root)
  // The left side is the largest power of two of chunks that leaves at least one byte to the right.
  let left = 1024
  while (2 * left < data.length) left *= 2
  const children = [
    ...subtree(data.subarray(0, left), firstChunk, false),
    ...subtree(data.subarray(left), firstChunk + left / 1024, false),
  ]
  return compress(iv, children, 0, 64, 4 + (root ? 8 : 0))
}

function chunk(data: Uint8Array, counter: number, root: boolean): number[] {
  let value = iv
  const blocks = Math.max(1, Math.ceil(data.length / 64))
  for (let block = 0; block < blocks; block++) {
    const bytes = data.subarray(64 * block, 64 * block + 64)
    const padded = Buffer.alloc(64)
    padded.set(bytes)
    const words = Array.from({ length: 16 }, (_, i) => padded.readUInt32LE(4 * i))
    const last = block === blocks - 1
    value = compress(value, words, counter, bytes.length, (block === 0 ? 1 : 0) + (last ? (root ? 10 : 2) : 0))
  }
  return value
}

const iv = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]
const permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
const lanes = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
]

function compress(value: number[], words: number[], counter: number, length: number, flags: number): number[] {
  const v = [...value, ...iv.slice(0, 4), counter >>> 0, Math.floor(counter / 2 ** 32), length, flags]
  const rotate = (x: number, bits: number): number => ((x >>> bits) | (x << (32 - bits))) >>> 0
  let m = words
  for (let round = 0; round < 7; round++) {
    lanes.forEach(([a, b, c, d], i) => {
      for (const [word, first, second] of [
        [m[2 * i], 16, 12],
        [m[2 * i + 1], 8, 7],
      ]) {
        v[a] = (v[a] + v[b] + word) >>> 0
        v[d] = rotate(v[d] ^ v[a], first)
        v[c] = (v[c] + v[d]) >>> 0
        v[b] = rotate(v[b] ^ v[c], second)
      }
    })
    m = permutation.map((from) => m[from])
  }
  return value.map((_, i) => (v[i] ^ v[i + 8]) >>> 0)
}
