/** The certificate that a client showed when its connection was made (RFC 8705). Its private key was proven there. */
export interface ClientCertificate {
  /** The certificate itself, in DER, without those above it. */
  readonly der: Uint8Array
  /**
   * Whether somebody who is trusted has verified that it was issued by one of the certificate authorities for clients. Only
   * then do the names in it tell anything; a certificate that a client signed itself is known by its every byte.
   */
  readonly isVerified: boolean
}
