/** What a type of Postgres is called in the binary form of its arrays. */
const OID = { bytea: 17, bigint: 20, text: 25 } as const

/** One dimension, whether there are nulls, the type, how many, and from which index: five words of four bytes. */
const HEAD = 20
const LENGTH = 4
const DIGEST_BYTES = 32
const BIGINT_BYTES = 8

/**
 * Arrays in the binary form of Postgres, as parameters of a statement: `pg` passes a buffer on as it is. In the form of text each
 * element would be escaped here and read there, which costs more than the rest of a look-up.
 */
export const binaryArrays = {
  /** `bytea[]` of the digests that token ids hold. Each must be the id of a token. */
  digestsOf(ids: readonly string[]): Buffer {
    const array = begun(OID.bytea, ids.length, HEAD + ids.length * (LENGTH + DIGEST_BYTES))
    let at = HEAD
    for (const id of ids) {
      at = array.writeInt32BE(DIGEST_BYTES, at)
      at += array.write(id, at, 'base64url')
    }
    return array
  },

  /** `bigint[]`. @throws RangeError when a number is none that a `bigint` holds. */
  bigints(numbers: readonly number[]): Buffer {
    const array = begun(OID.bigint, numbers.length, HEAD + numbers.length * (LENGTH + BIGINT_BYTES))
    let at = HEAD
    for (const number of numbers) {
      at = array.writeInt32BE(BIGINT_BYTES, at)
      at = array.writeBigInt64BE(BigInt(number), at)
    }
    return array
  },

  /** `text[]`. */
  texts(texts: readonly string[]): Buffer {
    let size = HEAD
    for (const text of texts) size += LENGTH + Buffer.byteLength(text)
    const array = begun(OID.text, texts.length, size)
    let at = HEAD
    for (const text of texts) {
      const length = array.write(text, at + LENGTH)
      array.writeInt32BE(length, at)
      at += LENGTH + length
    }
    return array
  },
}

function begun(oid: number, count: number, size: number): Buffer {
  const array = Buffer.allocUnsafe(size)
  array.writeInt32BE(1, 0)
  array.writeInt32BE(0, 4)
  array.writeInt32BE(oid, 8)
  array.writeInt32BE(count, 12)
  array.writeInt32BE(1, 16)
  return array
}
