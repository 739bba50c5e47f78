import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { keccak256 } from 'ethers';

/** A keystore file as `geth --lightkdf` writes it, made from the specification and not by what reads it. */
export function foreignKeystore(privateKey: string, password: string) {
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  const params = { n: 4096, r: 8, p: 6, dklen: 32 };
  const key = scryptSync(password, salt, params.dklen, { N: params.n, r: params.r, p: params.p });
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(privateKey.slice(2), 'hex')), cipher.final()]);
  return {
    version: 3,
    id: '3198bc9c-6672-4ab3-9995-4942343ae5b6',
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: iv.toString('hex') },
      ciphertext: ciphertext.toString('hex'),
      kdf: 'scrypt',
      kdfparams: { ...params, salt: salt.toString('hex') },
      mac: keccak256(Buffer.concat([key.subarray(16, 32), ciphertext])).slice(2),
    },
  };
}
