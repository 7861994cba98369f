import { describe, expect, it } from 'vitest'
import { escapedPath, signedHeaders } from './signature-v4.ts'

describe('a signature', () => {
  it('is that of the example in the documentation of S3', () => {
    const { authorization } = signedHeaders(
      {
        method: 'PUT',
        url: new URL(`https://examplebucket.s3.amazonaws.com/${escapedPath('test$file.text')}`),
        body: Buffer.from('Welcome to Amazon S3.'),
        headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      },
      { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
      'us-east-1',
      Date.UTC(2013, 4, 24),
    )
    expect(authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    )
  })

  it('escapes what a path must not hold, and leaves its slashes', () => {
    expect(escapedPath("a b/(ü)*'!~-._")).toBe('a%20b/%28%C3%BC%29%2A%27%21~-._')
  })
})
