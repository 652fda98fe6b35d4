/** What a host sent is not taken for a document. The host is there; it is its answer that will not do. */
export class DocumentRefused extends Error {
  override readonly name = 'DocumentRefused'
}
