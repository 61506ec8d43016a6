/*
 * RecordBatch, version 2, with numbers big-endian:
 *
 *    0  base offset        i64  the broker's to say
 *    8  length             i32  of what follows
 *   12  leader epoch       i32  the broker's to say
 *   16  magic              i8   2
 *   17  CRC                u32  CRC-32C of what follows
 *   21  attributes         i16  bits 0 to 2: compression; 3: times are the broker's; 4: of a transaction; 5: a broker wrote it
 *   23  last offset delta  i32
 *   27  base timestamp     i64  of the first record
 *   35  max timestamp      i64
 *   43  producer id        i64  -1: there is none
 *   51  producer epoch     i16
 *   53  base sequence      i32
 *   57  records            i32  how many
 *   61  the records, compressed as one
 *
 * Record, with numbers as varints:
 *
 *   length, attributes (i8), timestamp delta, offset delta, key's length or -1, key, value's length, value, headers
 */

/** Where the length ends, and what it counts begins. */
export const LENGTH_END = 12
export const MAGIC = 2
/** Where the checksum ends, and what it is of begins. */
export const CRC_END = 21
export const HEADER_BYTES = 61

/** Of the attributes: how it is compressed, by the number that the protocol has for the way; 0 where it is not. */
export const COMPRESSION = 0b111
/** Its records have the time at which the broker took them. */
export const APPEND_TIME = 0b1000
export const TRANSACTIONAL = 0b1_0000
/** The brokers themselves wrote it: it holds no record of anybody. */
export const CONTROL = 0b10_0000
